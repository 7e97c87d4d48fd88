"""Who may do what: named, limited, temporary."""

import re
from collections.abc import Iterator

from policies.rules.documents import Statement, statements
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

POLICIES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
ROLE = "aws:iam/role:Role"
ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
)
FULL_ACCESS = re.compile(r"arn:[^:]+:iam::aws:policy/(.*/)?(AdministratorAccess|PowerUserAccess|\w*FullAccess)")
"""AWS's own policies that allow every action, or every action of a service."""
CLUSTER_ACCESS = (
    "/AmazonEKSClusterAdminPolicy",
    "/AmazonEKSAdminPolicy",
    "/AmazonEKSAdminViewPolicy",
    "/AmazonEKSEditPolicy",
)
"""Access policies of EKS that read Secrets: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"""
BREAK_GLASS = "inference:administrator"
"""Group of the one access entry that may have such a policy; an alarm tells of its use."""


def granted(holder: Resource) -> Iterator[Statement]:
    """The statements of a policy, or of those that are written into a role."""
    inline = (item.get("policy") for item in holder.items("inlinePolicies"))
    for document in inline if holder.type == ROLE else (holder.props["policy"],):
        yield from statements(document) if document else ()


@resource_rule(
    "eks-access-entries-only",
    "aws:eks/cluster:Cluster",
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(2)(i) 308(a)(4)(ii)(C)"),
    remediation="set accessConfig.authenticationMode to API and bootstrapClusterCreatorAdminPermissions to false.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html",
)
def eks_access_entries_only(cluster: Resource) -> Findings:
    """Access to the cluster is granted by access entries alone, and its creator is no hidden administrator."""
    access = cluster.block("accessConfig")
    if access.get("authenticationMode") != "API":
        yield f"accessConfig.authenticationMode is {access.get('authenticationMode', 'unset')}, expected API"
    if access.get("bootstrapClusterCreatorAdminPermissions") is not False:
        yield "accessConfig.bootstrapClusterCreatorAdminPermissions is not false"


@relation_rule(
    "eks-cluster-admin-break-glass-only",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    severity=Severity.CRITICAL,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(1) 308(a)(3)(ii)(A)"),
    remediation="remove the association: what deployer, operator, auditor and viewer may do, roles in the cluster say.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html",
)
def eks_cluster_admin_break_glass_only(association: Resource, stack: Stack) -> Findings:
    """An access policy that reads Secrets belongs to the access entry of the administrator alone."""
    if not association.props["policyArn"].endswith(CLUSTER_ACCESS):
        return
    principal = association.props["principalArn"]
    entries = stack.where("aws:eks/accessEntry:AccessEntry", "principalArn", principal)
    if not any(BREAK_GLASS in entry.items("kubernetesGroups") for entry in entries):
        policy = association.props["policyArn"].rpartition("/")[2]
        yield f"{policy} is associated with a role whose access entry is not in the group {BREAK_GLASS}"


@resource_rule(
    "iam-policy-no-wildcard-action",
    *POLICIES,
    *ATTACHMENTS,
    ROLE,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1) 308(a)(4)(ii)(B)", supporting="308(a)(3)(ii)(A)"),
    remediation="list the actions that are needed, on the resources they are needed on.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/iam-policy-no-statements-with-full-access.html",
)
def iam_policy_no_wildcard_action(policy: Resource) -> Findings:
    """No policy allows every action, or every action of a service."""
    if policy.type in ATTACHMENTS:
        if FULL_ACCESS.fullmatch(policy.props["policyArn"]):
            yield f"{policy.props['policyArn']} is attached, expected a policy that lists actions"
        return
    for statement in granted(policy):
        if statement.allows and statement.every_action:
            yield f"{', '.join(statement.every_action)} is allowed, expected single actions"


def _web_identity_gaps(statement: Statement) -> Findings:
    equals = {key.rpartition(":")[2]: value for key, value in (statement.conditions.get("StringEquals") or {}).items()}
    for claim in ("sub", "aud"):
        if claim not in equals:
            yield f"web identities are trusted without a StringEquals condition on {claim}"


@resource_rule(
    "iam-role-trust-limited",
    ROLE,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1) 308(a)(4)(ii)(B)", supporting="312(d) 312(a)(2)(i)"),
    remediation="trust one principal; for web identities require StringEquals on <issuer>:sub and <issuer>:aud.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
def iam_role_trust_limited(role: Resource) -> Findings:
    """A role is assumed by named principals only, and by one service account through the cluster's issuer."""
    for statement in statements(role.props["assumeRolePolicy"]):
        if not statement.allows:
            continue
        if statement.anyone:
            yield "assumeRolePolicy trusts principal *, expected named principals"
        if statement.every_action:
            yield f"assumeRolePolicy allows {', '.join(statement.every_action)}, expected single actions"
        elif statement.names_action("sts:AssumeRoleWithWebIdentity"):
            yield from _web_identity_gaps(statement)


@relation_rule(
    "iam-no-long-lived-credentials",
    "pulumi:pulumi:Stack",
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(2)(i) 312(d) 308(a)(3)(ii)(C)"),
    remediation="use roles with temporary credentials (access entries, service-account roles, single sign-on).",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def iam_no_long_lived_credentials(_: Resource, stack: Stack) -> Findings:
    """The stack makes no IAM user and no access key."""
    for item in stack.typed("aws:iam/user:User", "aws:iam/accessKey:AccessKey"):
        yield f"{item.label} is a long-lived credential, expected none"
