"""Brings the gateway's audit records from its pods into the archive, so that the gateway itself reaches nothing new."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs, NetworkPolicyPortArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs, Role, RoleBinding, RoleRefArgs, SubjectArgs

from infra.access_groups import AUDITOR, group
from infra.config_types import WorkloadSize
from infra.identity import AuditWriter, StoreAccessArgs
from infra.workloads import audit_outlet, certificates, namespaces, priorities
from infra.workloads.admission import tokens
from infra.workloads.aws_access import AwsAccess, AwsApi
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.pod import Probes
from infra.workloads.rights import RBAC

NAME = audit_outlet.COLLECTOR
PREFIX = "gateway"
"""Where in the bucket the records are."""
SOURCE = f"{audit_outlet.SERVICE}.{namespaces.GATEWAY}.svc.cluster.local"
"""Name of every pod that offers records."""
SIZE = WorkloadSize.model_validate({"replicas": 1, "cpuMillis": 50, "cpuLimitMillis": 500, "memoryMib": 256})
"""One is enough, and not more than a moment of it is missed: until it comes by, records lie on the pods' volumes."""
_HEALTH_PORT = 8080
_WHY_A_TOKEN = "the collector writes audit records to the archive as its IAM role; AWS STS alone takes it"  # noqa: S105


@dataclass(frozen=True)
class AuditDestination:
    """The bucket under Object Lock, the key that encrypts it, and how AWS is reached from a pod."""

    aws: AwsApi
    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True)
class AuditCollectorArgs:
    """`image` is the gateway's, of which it runs another command."""

    image: pulumi.Input[str]
    destination: AuditDestination


class AuditCollector(pulumi.ComponentResource):
    """Calls the gateways' sidecars over mutual TLS, and S3 as a role that may put objects below one prefix.

    Where AWS is emulated, and nobody's rights are judged, it prints the records too: auditors read its log there, and
    nobody else reads any log in this namespace.
    """

    def __init__(self, name: str, args: AuditCollectorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:AuditCollector", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        destination, printing = args.destination, args.destination.aws.aws_endpoint_url is not None
        writer = AuditWriter(
            NAME,
            StoreAccessArgs(
                context=destination.aws.context,
                issuer=destination.aws.issuer,
                namespace=namespaces.AUDIT,
                service_account=NAME,
                bucket_arn=destination.bucket_arn,
                prefix=PREFIX,
                key_arn=destination.key_arn,
            ),
            here,
        )
        access = AwsAccess.of(NAME, destination.aws, namespace=namespaces.AUDIT, role_arn=writer.role_arn, opts=here)
        certificate = certificates.leaf(
            NAME,
            namespace=namespaces.AUDIT,
            names=certificates.service_names(NAME, namespaces.AUDIT),
            usages=[certificates.CLIENT],
            opts=here,
        )
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=namespaces.AUDIT,
                component="audit-collector",
                # Without it the gateways' volumes fill, and they refuse what they can't record.
                priority_class=priorities.GATEWAY,
                image=args.image,
                size=SIZE,
                ports={"health": _HEALTH_PORT},
                probes=Probes(port="health", live="/livez", ready="/livez", start="/livez"),
                command=["/opt/venv/bin/python", "-m", "services.gateway.audit", "collect"],
                env={
                    "AUDIT_SOURCE": SOURCE,
                    "AUDIT_ARCHIVE": pulumi.Output.concat("s3://", destination.bucket, f"/{PREFIX}"),
                    "AUDIT_PRINT": "true" if printing else "false",
                    "AUDIT_TLS_DIR": certificates.MOUNT_PATH,
                    **access.environment,
                },
                volumes=[certificate, *access.volumes],
                mounts=[certificates.mount(), *access.mounts],
                annotations={tokens.REASON: _WHY_A_TOKEN},
                egress=[_to_gateways(), *access.egress],
            ),
            here,
        )
        if printing:
            log_reader(here)
        self.register_outputs({})


def _to_gateways() -> NetworkPolicyEgressRuleArgs:
    pods = namespaces.peer(namespaces.GATEWAY, {"app.kubernetes.io/name": "gateway"})
    return NetworkPolicyEgressRuleArgs(to=[pods], ports=[NetworkPolicyPortArgs(port=audit_outlet.PORT, protocol="TCP")])


def log_reader(opts: pulumi.ResourceOptions) -> None:
    """Lets auditors read logs where the collector prints records. The deployer has no such right, so it can't give it."""
    metadata = ObjectMetaArgs(name=f"{NAME}-log-reader", namespace=namespaces.AUDIT)
    rule = PolicyRuleArgs(api_groups=[""], resources=["pods/log"], verbs=["get"])
    role = Role(f"{NAME}-log-reader", metadata=metadata, rules=[rule], opts=opts)
    RoleBinding(
        f"{NAME}-log-reader",
        metadata=metadata,
        role_ref=RoleRefArgs(api_group=RBAC, kind="Role", name=role.metadata.name.apply(str)),
        subjects=[SubjectArgs(api_group=RBAC, kind="Group", name=group(AUDITOR))],
        opts=opts,
    )
