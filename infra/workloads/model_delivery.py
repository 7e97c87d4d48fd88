"""How a model gets into a pod: an init container fetches and verifies it with the workload's own role."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    ProjectedVolumeSourceArgs,
    ServiceAccountTokenProjectionArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
)

from infra.context import Context
from infra.identity import AUDIENCE, Issuer, ModelReader, ModelReaderArgs
from infra.model_repository import ModelRepository
from infra.storage import ModelStore
from infra.workloads.admission import tokens
from infra.workloads.pod import container_security_context, environment, resources, scratch

_TOKEN_DIR = "/var/run/secrets/aws"  # noqa: S105 - a directory
_CA_DIR = "/etc/aws-ca"
_MODEL_DIR = "/model"
_WHY_A_TOKEN = "fetch-and-verify-model reads the model's objects as the workload's IAM role; AWS STS alone takes it"  # noqa: S105

# The VPC routes nothing public but S3's own prefixes, and its endpoint admits this account only; a NetworkPolicy
# cannot name a prefix list. Private and link-local ranges (instance metadata) stay shut.
_NOT_PUBLIC = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]


@dataclass(frozen=True)
class ModelSource:
    """Which model, the store that holds it, whose tokens open the store, and how AWS is reached from a pod.

    `aws_endpoint_url` and `aws_ca_bundle` are for an AWS API elsewhere than at AWS; both unset otherwise.
    """

    context: Context
    model: ModelRepository
    store: ModelStore
    issuer: Issuer
    endpoint_cidrs: Sequence[str]
    aws_endpoint_url: str | None = None
    aws_ca_bundle: str | None = None


@dataclass(frozen=True)
class ModelDelivery:
    """Parts of a pod that fetch the model into `/model`; the workload's own container gets no credentials.

    A model that is not the deployed one keeps the pod from starting: the container's termination message says which file is
    wrong (`kubectl describe pod`), and the kubelet's event BackOff names the container, as `pulumi up` does. An event in our
    own words would need a token for the Kubernetes API, which the container must not have.
    """

    init_container: ContainerArgs
    volumes: list[VolumeArgs]
    mount: VolumeMountArgs
    egress: list[NetworkPolicyEgressRuleArgs]
    annotations: dict[str, str]

    @classmethod
    def of(
        cls,
        workload: str,
        source: ModelSource,
        *,
        namespace: str,
        image: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> "ModelDelivery":
        """Delivery for one workload: makes its identity, and a ConfigMap where an authority has to be trusted."""
        model, model_mount = scratch("model", _MODEL_DIR, size_mib=2 * source.model.size_mib + 64)
        temporary, temporary_mount = scratch("fetch-tmp", "/tmp", size_mib=16)  # noqa: S108 - the pod's own volume
        reader = ModelReader(
            f"{workload}-model",
            ModelReaderArgs(
                context=source.context,
                issuer=source.issuer,
                namespace=namespace,
                service_account=workload,
                bucket_arn=source.store.bucket_arn,
                prefix=source.model.prefix,
                key_arn=source.store.key_arn,
            ),
            opts,
        )
        trust = _trust(workload, source, namespace=namespace, opts=opts)
        fetch = ContainerArgs(
            name="fetch-and-verify-model",
            image=image,
            image_pull_policy="IfNotPresent",
            command=["python3", "-m", "model_build.fetch"],
            termination_message_policy="FallbackToLogsOnError",
            env=environment(_environment(source, reader.role_arn)),
            resources=resources(cpu_millis=50, cpu_limit_millis=1000, memory_mib=256),
            security_context=container_security_context(),
            volume_mounts=[
                model_mount,
                temporary_mount,
                VolumeMountArgs(name="aws-token", mount_path=_TOKEN_DIR, read_only=True),
                *[VolumeMountArgs(name="aws-ca", mount_path=_CA_DIR, read_only=True) for _ in trust],
            ],
        )
        return cls(
            init_container=fetch,
            volumes=[model, temporary, _token(), *trust],
            mount=VolumeMountArgs(name="model", mount_path=_MODEL_DIR, read_only=True),
            egress=_egress(source),
            annotations={
                # Another model is another pod template, so a new one rolls the pods.
                "inference/model-manifest-sha256": source.model.manifest_sha256,
                tokens.REASON: _WHY_A_TOKEN,
            },
        )


def _environment(source: ModelSource, role_arn: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    values: dict[str, pulumi.Input[str]] = {
        "MODEL_URI": source.store.model_uri,
        "MODEL_MANIFEST_SHA256": source.model.manifest_sha256,
        "MODEL_DIR": _MODEL_DIR,
        "AWS_REGION": source.context.account.region,
        # botocore reads the region from this name only.
        "AWS_DEFAULT_REGION": source.context.account.region,
        "AWS_ROLE_ARN": role_arn,
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{_TOKEN_DIR}/token",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        # Without its own role the pod must fail, not borrow the node's.
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if source.aws_endpoint_url:
        values["AWS_ENDPOINT_URL"] = source.aws_endpoint_url
    if source.aws_ca_bundle:
        values["AWS_CA_BUNDLE"] = f"{_CA_DIR}/ca.pem"
    return values


def _token() -> VolumeArgs:
    """A short-lived token of the pod's service account, good for AWS STS only."""
    projection = ServiceAccountTokenProjectionArgs(audience=AUDIENCE, expiration_seconds=3600, path="token")
    return VolumeArgs(
        name="aws-token",
        projected=ProjectedVolumeSourceArgs(sources=[VolumeProjectionArgs(service_account_token=projection)]),
    )


def _trust(workload: str, source: ModelSource, *, namespace: str, opts: pulumi.ResourceOptions) -> list[VolumeArgs]:
    if not source.aws_ca_bundle:
        return []
    authority = ConfigMap(
        f"{workload}-aws-ca",
        metadata=ObjectMetaArgs(namespace=namespace),
        immutable=True,
        data={"ca.pem": source.aws_ca_bundle},
        opts=opts,
    )
    return [VolumeArgs(name="aws-ca", config_map=ConfigMapVolumeSourceArgs(name=authority.metadata.name))]


def _egress(source: ModelSource) -> list[NetworkPolicyEgressRuleArgs]:
    """The one address that is configured, or STS through its endpoint and S3 through its route."""
    target = urlsplit(source.aws_endpoint_url or "")
    if target.hostname and _is_address(target.hostname):
        return [_rule([str(ip_network(target.hostname))], port=target.port or 443)]
    public = NetworkPolicyEgressRuleArgs(
        to=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr="0.0.0.0/0", except_=_NOT_PUBLIC))],
        ports=[NetworkPolicyPortArgs(port=443, protocol="TCP")],
    )
    return [_rule(source.endpoint_cidrs, port=443), public]


def _rule(cidrs: Sequence[str], *, port: int) -> NetworkPolicyEgressRuleArgs:
    return NetworkPolicyEgressRuleArgs(
        to=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in cidrs],
        ports=[NetworkPolicyPortArgs(port=port, protocol="TCP")],
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
