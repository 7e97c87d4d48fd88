"""Rights: none for callers without a name, and none to read Secrets, in the stack's namespaces."""

from infra.workloads.admission.policy import Policy, Resources, Rule, quoted

_GROUP = "rbac.authorization.k8s.io"
ANYBODY = ("system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts")
PUBLIC_ROLES = (
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
)
"""Roles that Kubernetes itself binds to these at every start: https://kubernetes.io/docs/reference/access-authn-authz/rbac/"""
READ_SECRETS = ("cluster-admin", "admin", "edit")
"""Roles of Kubernetes that read Secrets, or act as a service account that may."""

_READS = (
    "r.?apiGroups.orValue([]).exists(g, g in ['', '*']) && r.?resources.orValue([]).exists(n, n in ['secrets', '*']) && "
    "r.verbs.exists(v, v in ['get', 'list', 'watch', '*'])"
)
_ROLES = Policy(
    name="inference-roles",
    resources=(Resources(_GROUP, ("roles",)),),
    rules=(
        Rule(
            "readsSecrets",
            f"object.?rules.orValue([]).exists(r, {_READS}) ? [object.metadata.name] : []",
            "Role {}: it reads Secrets, which hold the keys of certificates; mount a Secret into the pod that needs it.",
        ),
    ),
    reason="Forbidden",
)
_BINDINGS = Policy(
    name="inference-role-bindings",
    resources=(Resources(_GROUP, ("rolebindings", "clusterrolebindings")),),
    variables={"role": "object.roleRef.name", "clusterRole": "object.roleRef.kind == 'ClusterRole'"},
    rules=(
        Rule(
            "anybody",
            f"variables.clusterRole && variables.role in {quoted(PUBLIC_ROLES)} ? [] : "
            f"object.?subjects.orValue([]).map(s, s.name).filter(name, name in {quoted(ANYBODY)})",
            "subject {} stands for callers whom nobody knows; bind the role to a group of people or to one service account.",
        ),
        Rule(
            "opensSecrets",
            f"request.kind.kind == 'RoleBinding' && variables.clusterRole && variables.role in {quoted(READ_SECRETS)} ? "
            "[variables.role] : []",
            "ClusterRole {}: it reads Secrets; bind one of inference:viewer and inference:operator.",
        ),
    ),
    reason="Forbidden",
)
POLICIES = (_ROLES, _BINDINGS)
