"""How a container of ours calls AWS: as the IAM role of its service account, by the ways that the VPC has."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSourceArgs,
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
from infra.identity import AUDIENCE, Issuer

_TOKEN_DIR = "/var/run/secrets/aws"  # noqa: S105 - a directory
_CA_DIR = "/etc/aws-ca"

# The VPC routes nothing public but S3's own prefixes, and its endpoint admits this account only; a NetworkPolicy
# cannot name a prefix list. Private and link-local ranges (instance metadata) stay shut.
_NOT_PUBLIC = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]


@dataclass(frozen=True, kw_only=True)
class AwsApi:
    """Whose tokens AWS believes, and how it is reached from a pod.

    `aws_endpoint_url` and `aws_ca_bundle` are for an AWS API elsewhere than at AWS; both unset otherwise.
    """

    context: Context
    issuer: Issuer
    endpoint_cidrs: Sequence[str]
    aws_endpoint_url: str | None = None
    aws_ca_bundle: str | None = None


@dataclass(frozen=True)
class AwsAccess:
    """Parts of a pod. Only the container that gets `mounts` and `environment` can act as the role."""

    environment: dict[str, pulumi.Input[str]]
    mounts: list[VolumeMountArgs]
    volumes: list[VolumeArgs]
    egress: list[NetworkPolicyEgressRuleArgs]

    @classmethod
    def of(
        cls,
        workload: str,
        api: AwsApi,
        *,
        namespace: str,
        role_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> "AwsAccess":
        """For one workload; makes a ConfigMap where an authority has to be trusted."""
        trust = _trust(workload, api, namespace=namespace, opts=opts)
        return cls(
            environment=_environment(api, role_arn),
            mounts=[
                VolumeMountArgs(name="aws-token", mount_path=_TOKEN_DIR, read_only=True),
                *[VolumeMountArgs(name="aws-ca", mount_path=_CA_DIR, read_only=True) for _ in trust],
            ],
            volumes=[_token(), *trust],
            egress=_egress(api),
        )


def _environment(api: AwsApi, role_arn: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    values: dict[str, pulumi.Input[str]] = {
        "AWS_REGION": api.context.account.region,
        # botocore reads the region from this name only.
        "AWS_DEFAULT_REGION": api.context.account.region,
        "AWS_ROLE_ARN": role_arn,
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{_TOKEN_DIR}/token",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        # Without its own role the pod must fail, not borrow the node's.
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if api.aws_endpoint_url:
        values["AWS_ENDPOINT_URL"] = api.aws_endpoint_url
    if api.aws_ca_bundle:
        values["AWS_CA_BUNDLE"] = f"{_CA_DIR}/ca.pem"
    return values


def _token() -> VolumeArgs:
    """A short-lived token of the pod's service account, good for AWS STS only."""
    projection = ServiceAccountTokenProjectionArgs(audience=AUDIENCE, expiration_seconds=3600, path="token")
    return VolumeArgs(
        name="aws-token",
        projected=ProjectedVolumeSourceArgs(sources=[VolumeProjectionArgs(service_account_token=projection)]),
    )


def _trust(workload: str, api: AwsApi, *, namespace: str, opts: pulumi.ResourceOptions) -> list[VolumeArgs]:
    if not api.aws_ca_bundle:
        return []
    authority = ConfigMap(
        f"{workload}-aws-ca",
        metadata=ObjectMetaArgs(namespace=namespace),
        immutable=True,
        data={"ca.pem": api.aws_ca_bundle},
        opts=opts,
    )
    return [VolumeArgs(name="aws-ca", config_map=ConfigMapVolumeSourceArgs(name=authority.metadata.name))]


def _egress(api: AwsApi) -> list[NetworkPolicyEgressRuleArgs]:
    """The one address that is configured, or STS through its endpoint and S3 through its route."""
    target = urlsplit(api.aws_endpoint_url or "")
    if target.hostname and _is_address(target.hostname):
        return [_rule([str(ip_network(target.hostname))], port=target.port or 443)]
    public = NetworkPolicyEgressRuleArgs(
        to=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr="0.0.0.0/0", except_=_NOT_PUBLIC))],
        ports=[NetworkPolicyPortArgs(port=443, protocol="TCP")],
    )
    return [_rule(api.endpoint_cidrs, port=443), public]


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
