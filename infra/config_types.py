"""The parts of the configuration, each with the values it accepts."""

import re
from collections.abc import Callable
from ipaddress import IPv4Network, ip_address
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

from infra.instance_types import GPU_FAMILIES, SYSTEM_FAMILIES, is_gpu_type, is_system_type
from infra.model_repository import REPO

APPLYING = "applying"
"""Key of the validation context: true when resources will really be made, false in a preview."""

PLACEHOLDER_DIGEST = "sha256:" + "0" * 64

PLACEHOLDER_CERTIFICATE = "00000000-0000-0000-0000-000000000000"

SERVICE_CIDR = "172.20.0.0/16"
"""Kubernetes Services on EKS."""

RESERVED = {
    IPv4Network("198.18.0.0/15"): "the pod and Service addresses of the local node",
    IPv4Network(SERVICE_CIDR): "the Service addresses of EKS",
}
PRIVATE = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

AUDIT_RETENTION_DAYS = (2192, 2557, 2922, 3288, 3653)
"""Retentions that CloudWatch Logs offers and that hold documentation for six years: 164.316(b)(2)(i)."""


class Frozen(BaseModel):
    """Immutable, refuses unknown keys, written in camelCase in the stack's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, arbitrary_types_allowed=True)


def _vpc_cidr(cidr: IPv4Network) -> IPv4Network:
    if not 16 <= cidr.prefixlen <= 20:
        raise ValueError(f"{cidr} must be between /16 and /20, so that nodes and pods find addresses")
    for reserved, use in RESERVED.items():
        if cidr.overlaps(reserved):
            raise ValueError(f"{cidr} overlaps {reserved}, {use}")
    if not any(cidr.subnet_of(private) for private in PRIVATE):
        raise ValueError(f"{cidr} is not a private range of RFC 1918")
    return cidr


def _certificate_id(value: str, info: ValidationInfo) -> str:
    if value == PLACEHOLDER_CERTIFICATE and (info.context or {}).get(APPLYING):
        raise ValueError("is the placeholder certificate, good for a preview only: set your certificate's id")
    return value


def _client_cidr(cidr: IPv4Network) -> IPv4Network:
    if not any(cidr.subnet_of(private) for private in PRIVATE):
        raise ValueError(f"{cidr} is not a private range of RFC 1918: the load balancer is not for the internet")
    if cidr.prefixlen < 9:
        raise ValueError(f"{cidr} is wider than /9: name the networks that the clients are in")
    return cidr


def _known_types(known: Callable[[str], bool], what: str, families: frozenset[str]) -> AfterValidator:
    def check(types: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in types if not known(name)]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: not {what} (families: {', '.join(sorted(families))})")
        return types

    return AfterValidator(check)


def _digest(value: str, info: ValidationInfo) -> str:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", value):
        raise ValueError("must be an image digest, `sha256:` and 64 hexadecimal digits")
    if value == PLACEHOLDER_DIGEST and (info.context or {}).get(APPLYING):
        raise ValueError("is the placeholder digest, good for a preview only: push the image and set its digest")
    return value


def _https(url: str) -> str:
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise ValueError("must be an https URL")
    return url


def _https_or_loopback(url: str) -> str:
    parts = urlsplit(url if "//" in url else f"//{url}")
    try:
        loopback = ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    if parts.scheme != "https" and not loopback:
        raise ValueError("must be an https URL unless it is on the loopback interface")
    return url


def _certificate(pem: str) -> str:
    if "-----BEGIN CERTIFICATE-----" not in pem:
        raise ValueError("must hold a PEM certificate")
    if "PRIVATE KEY" in pem:
        raise ValueError("holds a private key; give the certificate alone")
    return pem


def _existing_file(value: str) -> Path:
    path = (REPO / value).resolve()
    if not path.is_file():
        raise ValueError(f"there is no file at {value}")
    return path


VpcCidr = Annotated[IPv4Network, AfterValidator(_vpc_cidr)]
GpuInstanceTypes = Annotated[
    tuple[str, ...], Field(min_length=1), _known_types(is_gpu_type, "a known GPU instance type", GPU_FAMILIES)
]
SystemInstanceTypes = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    _known_types(is_system_type, "a known x86_64 instance type", SYSTEM_FAMILIES),
]
ImageDigest = Annotated[str, AfterValidator(_digest)]
HttpsUrl = Annotated[str, AfterValidator(_https)]
Address = Annotated[str, AfterValidator(_https_or_loopback)]
Certificate = Annotated[str, AfterValidator(_certificate)]
ExistingFile = Annotated[Path, BeforeValidator(_existing_file)]
ClientCidr = Annotated[IPv4Network, AfterValidator(_client_cidr)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
DomainName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")]
CertificateId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), AfterValidator(_certificate_id)
]
RoleArn = Annotated[str, Field(pattern=r"^(arn:aws[a-z-]*:iam::\d{12}:role/)?[\w+=,.@/-]+$")]
"""A role's ARN, or its name in the stack's own account."""


class NodeCounts(Frozen):
    """Nodes of one pool; zero is allowed, so that GPUs cost nothing while idle."""

    min: int = Field(ge=0)
    desired: int = Field(ge=0)
    max: int = Field(ge=1, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min <= self.desired <= self.max:
            raise ValueError("must satisfy min <= desired <= max")
        return self


class TimeSlicing(Frozen):
    """`replicas` pods take turns on a GPU, without isolation: one pod's fault, or its use of memory, is every pod's."""

    strategy: Literal["time-slicing"]
    replicas: int = Field(ge=2, le=8)


class Mig(Frozen):
    """GPUs that are partitioned in hardware (Multi-Instance GPU): memory, cache and faults of a partition are its own.

    The partitions are made on the node, outside of this program. With `single` all are alike and each is one
    `nvidia.com/gpu`; with `mixed` each size is a resource of its own, and Triton goes on asking for a whole GPU.
    """

    strategy: Literal["mig"]
    mig_strategy: Literal["single", "mixed"]


GpuSharing = Annotated[TimeSlicing | Mig, Field(discriminator="strategy")]


class WorkloadSize(Frozen):
    """Replicas and resources of one workload."""

    replicas: int = Field(ge=1, le=100)
    max_replicas: int | None = Field(default=None, ge=1, le=100)
    """What load may bring them to; not set: no more than `replicas`."""
    cpu_millis: int = Field(ge=50, le=64_000)
    """CPU request; the thread counts of ONNX Runtime follow from it."""
    cpu_limit_millis: int = Field(ge=50, le=64_000)
    memory_mib: int = Field(ge=128, le=262_144)
    """Memory request and limit: equal, so that a pod is never killed for another's use."""

    @model_validator(mode="after")
    def _limit_holds_request(self) -> Self:
        if self.cpu_limit_millis < self.cpu_millis:
            raise ValueError("cpuLimitMillis must not be under cpuMillis")
        return self

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.most_replicas < self.replicas:
            raise ValueError("maxReplicas must not be under replicas")
        return self

    @property
    def most_replicas(self) -> int:
        """The replicas that load brings it to."""
        return self.max_replicas or self.replicas

    @property
    def threads(self) -> int:
        """CPU request rounded up to whole cores: ONNX Runtime sees neither requests nor cgroup limits."""
        return max(1, -(-self.cpu_millis // 1000))


class CallerLimits(Frozen):
    """What one caller of the gateway may ask for, of all its pods together; they divide it among themselves."""

    requests_per_minute: int = Field(default=60_000, ge=1)
    texts_per_minute: int = Field(default=240_000, ge=1)
    concurrency: int = Field(default=256, ge=1)
    """Requests that may be under way."""

    def served_by(self, pods: int) -> bool:
        """Whether a pod's share lets a full request of 32 texts through: a sixth of a minute's worth may come at once."""
        return (
            self.requests_per_minute >= 6 * pods and self.texts_per_minute >= 6 * 32 * pods and self.concurrency >= pods
        )


class GatewaySize(WorkloadSize):
    """The gateway's, and how much each of its callers may ask for."""

    limits: CallerLimits = CallerLimits()

    @property
    def most_pods(self) -> int:
        """The replicas that load brings it to, and the one that a rollout adds."""
        return self.most_replicas + 1

    @model_validator(mode="after")
    def _shares_serve(self) -> Self:
        if not self.limits.served_by(self.most_pods):
            raise ValueError(
                f"limits must give each of up to {self.most_pods} gateways at least 6 requests and 192 texts a minute and "
                "1 request under way"
            )
        return self


class Workloads(Frozen):
    """Size of each workload."""

    gateway: GatewaySize
    fastapi_svc: WorkloadSize = Field(alias="fastapi-svc")
    triton: WorkloadSize


class ImageDigests(Frozen):
    """What exactly runs: images are referred to by digest only."""

    gateway: ImageDigest
    fastapi_svc: ImageDigest = Field(alias="fastapi-svc")
    triton: ImageDigest
    tls_proxy: ImageDigest = Field(alias="tls-proxy")
    k6: ImageDigest | None = None
    """Of the Job that loads the gateway from within the cluster, where `auth.callers` has one for it."""


class Addresses(Frozen):
    """What the stack's outputs say, where clients reach the workloads at other addresses than the cluster's own."""

    gateway: Address
    fastapi: Address
    triton_http: Address
    triton_grpc: Address


class AccessRoles(Frozen):
    """IAM roles of people and pipelines that get into the cluster, each by one access entry.

    The administrator makes the first update, which makes the roles of all others; leave it out afterwards.
    """

    administrator: RoleArn | None = None
    deployer: RoleArn | None = None
    operator: RoleArn | None = None
    auditor: RoleArn | None = None
    viewer: RoleArn | None = None

    @model_validator(mode="after")
    def _one_right_each(self) -> Self:
        """EKS takes one access entry a principal."""
        names = list(self.granted.values())
        if len(set(names)) != len(names):
            raise ValueError("give each right a role of its own: EKS takes one access entry for a role")
        return self

    @property
    def granted(self) -> dict[str, str]:
        """Role ARN or name by what it may do, without the ones not set."""
        return {name: role for name, role in self if role}


class Edge(Frozen):
    """The load balancer in front of the gateway: its name, its certificate, and where its clients are."""

    domain_name: DomainName
    certificate_id: CertificateId
    """Last part of the ARN of a certificate that AWS Certificate Manager holds in the stack's account and region."""
    client_cidrs: tuple[ClientCidr, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        ranges = sorted(self.client_cidrs)
        for first, second in pairwise(ranges):
            if first.overlaps(second):
                raise ValueError(f"clientCidrs {first} and {second} overlap")
        return self


class InheritedService(Frozen):
    """A service that somebody else runs for this account, so that the stack does not make it."""

    by: str = Field(min_length=3, max_length=200)
    """Where it is, such as "organization trail, account log-archive"."""
    answers: Email
    """Who answers for it."""


class Inherited(Frozen):
    """What the organisation has centrally, by the service's name."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    cloudtrail: InheritedService | None = None
    config: InheritedService | None = None
    guardduty: InheritedService | None = None
    securityhub: InheritedService | None = None
    access_analyzer: InheritedService | None = None
    backup: InheritedService | None = None
    dns_query_logs: InheritedService | None = None

    @property
    def services(self) -> frozenset[str]:
        """Names of the services that are declared."""
        return frozenset(name.replace("_", "-") for name, service in self if service)
