"""The EKS cluster: private endpoint only, every control-plane log, secrets encrypted with our key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.access_groups import ADMINISTRATOR, group
from infra.config_types import SERVICE_CIDR
from infra.context import Context
from infra.identity import AUDIENCE, Issuer
from infra.policy_document import policy_document

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True)
class ClusterArgs:
    """`access_roles` maps what a role may do (`administrator`, `deployer`, …) to its ARN or name."""

    context: Context
    version: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    secrets_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    access_roles: Mapping[str, str]


def cluster_role_name(cluster: str) -> str:
    """Known before the role exists, so that the key of the secrets can name it."""
    return f"{cluster}-cluster"


class Cluster(pulumi.ComponentResource):
    """Control plane, its role and log group, the issuer of workload identities, and who gets in."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    version: str
    issuer: Issuer
    kubeconfig: pulumi.Output[str]
    log_group: pulumi.Output[str]
    """Name of the group of the control plane's logs."""
    control_plane: aws.eks.Cluster
    """The cluster itself, with which everything in it goes."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:Cluster", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        role, attachments = self._role()
        # EKS would make this group itself, without a key and for ever.
        logs = aws.cloudwatch.LogGroup(
            "control-plane-logs",
            name=f"/aws/eks/{args.context.name}/cluster",
            kms_key_id=args.logs_key_arn,
            retention_in_days=args.context.log_retention_days,
            opts=self._here,
        )
        self.log_group = logs.name
        cluster = self._cluster(role, depends_on=[*attachments, logs])
        self.control_plane, self.name = cluster, cluster.name
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.apply(lambda authority: authority.data or "")
        self.version = args.version
        issuer_url = cluster.identities.apply(lambda found: (found[0].oidcs or [])[0].issuer or "")
        issuer = aws.iam.OpenIdConnectProvider("issuer", url=issuer_url, client_id_lists=[AUDIENCE], opts=self._here)
        self.issuer = Issuer(url=issuer_url, arn=issuer.arn)
        access = [
            resource for right, given in args.access_roles.items() for resource in self._access(right, given, cluster)
        ]
        self.kubeconfig = self._kubeconfig(after=access)
        self.register_outputs({"name": self.name})

    def _role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        args = self._args
        role = aws.iam.Role(
            "cluster-role",
            name=cluster_role_name(args.context.name),
            assume_role_policy=policy_document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Condition": {"StringEquals": {"aws:SourceAccount": args.context.account.id}},
                }
            ),
            opts=self._here,
        )
        secrets = aws.iam.Policy(
            "cluster-secrets-policy",
            name=f"{args.context.name}-cluster-secrets",
            policy=policy_document(
                {
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
                    "Resource": args.secrets_key_arn,
                }
            ),
            opts=self._here,
        )
        policies = {
            "cluster-service": args.context.account.managed_policy_arn("AmazonEKSClusterPolicy"),
            "cluster-secrets": secrets.arn,
        }
        return role, [
            aws.iam.RolePolicyAttachment(use, role=role.name, policy_arn=policy, opts=self._here)
            for use, policy in policies.items()
        ]

    def _cluster(self, role: aws.iam.Role, *, depends_on: Sequence[pulumi.Resource]) -> aws.eks.Cluster:
        args = self._args
        return aws.eks.Cluster(
            "cluster",
            name=args.context.name,
            role_arn=role.arn,
            version=args.version,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                security_group_ids=[args.security_group_id],
                endpoint_private_access=True,
                endpoint_public_access=False,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=SERVICE_CIDR
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            # The CNI comes as a pinned add-on with a role of its own, before the first node.
            bootstrap_self_managed_addons=False,
            enabled_cluster_log_types=list(LOG_TYPES),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.secrets_key_arn),
                resources=["secrets"],
            ),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=args.context.deletion_protection,
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )

    def _access(self, right: str, given: str, cluster: aws.eks.Cluster) -> list[pulumi.Resource]:
        """An entry that puts one role into the group of its right; what the group may do, RBAC says.

        The administrator alone has rights from EKS, because somebody must be let in to make the groups' roles. It has a
        user name of its own, by which an alarm knows it.
        """
        account = self._args.context.account
        principal = account.role_arn(given)
        entry = aws.eks.AccessEntry(
            f"{right}-access",
            cluster_name=cluster.name,
            principal_arn=principal,
            kubernetes_groups=[group(right)],
            user_name=f"{group(right)}:{{{{SessionName}}}}" if right == ADMINISTRATOR else None,
            type="STANDARD",
            opts=self._here,
        )
        if right != ADMINISTRATOR:
            return [entry]
        association = aws.eks.AccessPolicyAssociation(
            f"{right}-policy",
            cluster_name=cluster.name,
            principal_arn=principal,
            policy_arn=pulumi.Output.concat(
                "arn:", account.partition, ":eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
            ),
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
        )
        return [entry, association]

    def _kubeconfig(self, *, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """A kubeconfig without credentials: the AWS CLI makes a short-lived token at each use.

        Known only once the access entries are, because before them nobody may log in.
        """
        return pulumi.Output.all(
            name=self.name,
            endpoint=self.endpoint,
            authority=self.certificate_authority,
            entries=[resource.urn for resource in after],
        ).apply(lambda known: json.dumps(_kubeconfig(known, region=self._args.context.account.region), indent=2))


def _kubeconfig(known: Mapping[str, Any], *, region: str) -> dict[str, Any]:
    name = known["name"]
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"]
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": arguments}}
    server = {"server": known["endpoint"], "certificate-authority-data": known["authority"]}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
