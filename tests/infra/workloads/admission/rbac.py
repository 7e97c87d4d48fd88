"""Nobody is given the right to read Secrets, and everybody at once only what is public anyway."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import binding, role

REFUSED = (
    Case("Role on Secrets", role("configmaps", "secrets"), "inference-roles", "it reads Secrets"),
    Case("Role on everything", role("*", verbs=["*"]), "inference-roles", "it reads Secrets"),
    *(
        Case(f"{kind} for {group}", binding(kind, group, "view"), "inference-role-bindings", f"subject {group}")
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for group in ("system:anonymous", "system:unauthenticated", "system:authenticated")
    ),
    Case("an administrator", binding("RoleBinding", "people", "admin"), "inference-role-bindings", "ClusterRole admin"),
)
ACCEPTED = (
    Case("Role", role("configmaps")),
    Case("Role that makes Secrets", role("secrets", verbs=["create"])),
    Case("RoleBinding", binding("RoleBinding", "people", "view")),
    Case("ClusterRoleBinding", binding("ClusterRoleBinding", "people", "view")),
    Case("public role", binding("ClusterRoleBinding", "system:authenticated", "system:basic-user")),
)
