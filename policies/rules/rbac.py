"""Who may do what in the cluster."""

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

_API = "kubernetes:rbac.authorization.k8s.io/v1"
ROLES = (f"{_API}:Role", f"{_API}:ClusterRole")
BINDINGS = (f"{_API}:RoleBinding", f"{_API}:ClusterRoleBinding")
CLOSED_VERBS = {"bind", "escalate", "impersonate"}
CLOSED_RESOURCES = {
    "secrets": {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch", "*"},
    "pods/attach": {"create", "get", "*"},
    "pods/ephemeralcontainers": {"patch", "update", "*"},
    "pods/exec": {"create", "get", "*"},
    "nodes/proxy": {"create", "get", "*"},
    "serviceaccounts/token": {"create", "*"},
    "persistentvolumes": {"create", "*"},
    "certificatesigningrequests/approval": {"patch", "update", "*"},
    "mutatingwebhookconfigurations": {"create", "patch", "update", "*"},
    "validatingwebhookconfigurations": {"create", "patch", "update", "*"},
}
"""What gives its holder the data or the identity of others, and by which verbs: a volume may be a folder of a node, a
certificate is an identity, and a webhook sees every object that is written."""
EVERYBODY = ("system:anonymous", "system:authenticated", "system:serviceaccounts", "system:unauthenticated")
"""Users and groups that stand for more people or programs than anybody can name; also one namespace's accounts."""
BEYOND_ROLES = "system:masters"
"""Group whose members no authorisation is asked for."""
BROAD = ("admin", "cluster-admin", "edit")
"""Kubernetes' own roles that allow almost everything in a namespace, or everything."""
HARMLESS = (
    "extension-apiserver-authentication-reader",
    "system:auth-delegator",
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "view",
)
"""Kubernetes' own roles that read no Secret, enter no pod and lend no identity."""
CLOSED_BY_NAME_TOO = {"secrets"}
"""Resources that not even one of is open to a holder of a role: pods mount them instead."""


@resource_rule(
    "rbac-least-privilege",
    *ROLES,
    *BINDINGS,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1) 308(a)(4)(ii)(B)", supporting="308(a)(3)(ii)(A)"),
    remediation="list verbs and resources, and bind a role made for the subject instead of cluster-admin.",
    link="https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
)
def rbac_least_privilege(grant: Resource) -> Findings:
    """No role allows every verb or resource, and nobody is bound to cluster-admin."""
    if grant.block("roleRef").get("name") in BROAD:
        yield f"roleRef.name is {grant.block('roleRef')['name']}, expected a role made for the subject"
    for index, rule in enumerate(grant.items("rules")):
        for name in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
            for wild in sorted(item for item in rule.get(name) or () if item == "*" or item.startswith(("*/", "/*"))):
                yield f"rules[{index}].{name} holds {wild}, expected a list"


@resource_rule(
    "rbac-data-and-identities-closed",
    *ROLES,
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(1) 308(a)(3)(ii)(A)"),
    remediation="remove the verb, or name the objects in resourceNames; Secrets are mounted, never read.",
    link="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
)
def rbac_data_and_identities_closed(role: Resource) -> Findings:
    """No role lets its holders read a Secret, enter pods, or act as somebody else."""
    for index, rule in enumerate(role.items("rules")):
        verbs, limited = set(rule.get("verbs") or ()), bool(rule.get("resourceNames"))
        for verb in sorted(verbs & CLOSED_VERBS):
            if not limited:
                yield f"rules[{index}] grants {verb}"
        for name in rule.get("resources") or ():
            granted = verbs & CLOSED_RESOURCES.get(name, set())
            if granted and (not limited or name in CLOSED_BY_NAME_TOO):
                yield f"rules[{index}] grants {', '.join(sorted(granted))} on {name}"


@resource_rule(
    "rbac-subjects-named",
    *BINDINGS,
    severity=Severity.CRITICAL,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(2)(i) 312(d)"),
    remediation="bind the role to groups of people, or to the ServiceAccount of one workload.",
    link="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
)
def rbac_subjects_named(binding: Resource) -> Findings:
    """Roles are bound to people and workloads that somebody named, not to everybody who gets as far as the API."""
    for subject in binding.items("subjects"):
        name, kind = subject.get("name") or "", subject.get("kind")
        if name.startswith(EVERYBODY):
            yield f"subject {name} is everybody, expected named groups and service accounts"
        if name == BEYOND_ROLES:
            yield f"subject {name} is beyond all roles"
        if kind == "ServiceAccount" and name == "default":
            yield f"subject is the ServiceAccount default of {subject.get('namespace')}, which every pod there may use"


@relation_rule(
    "rbac-role-of-the-stack",
    *BINDINGS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(4)(ii)(B) 308(a)(4)(ii)(C)"),
    remediation="make the Role or ClusterRole in the program, where rules judge what it grants.",
    link="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
)
def rbac_role_of_the_stack(binding: Resource, stack: Stack) -> Findings:
    """Nobody is bound to a role that the stack does not make, so that what is granted can be read there."""
    if stack.origins(binding, *ROLES, of="roleRef"):
        return
    reference = binding.block("roleRef")
    kind, name = reference.get("kind"), reference.get("name") or ""
    made = stack.where(f"{_API}:{kind}", "metadata.name", name)
    reached = (kind == "ClusterRole" or _namespace(role) == _namespace(binding) for role in made)
    if name not in (*HARMLESS, *BROAD) and not any(reached):  # another rule is about the broad ones
        yield f"roleRef names {name or 'no role'}, which the stack does not make"


def _namespace(item: Resource) -> str:
    return item.block("metadata").get("namespace") or "default"
