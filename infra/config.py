"""The stack's configuration: read once, typed, and refused by name before any resource exists."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pulumi
from pulumi.runtime import config as runtime_config
from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from infra.config_auth import Auth
from infra.config_types import (
    APPLYING,
    AUDIT_RETENTION_DAYS,
    AccessRoles,
    Addresses,
    Certificate,
    Edge,
    Email,
    ExistingFile,
    Frozen,
    GpuInstanceTypes,
    GpuSharing,
    HttpsUrl,
    ImageDigests,
    Inherited,
    Mig,
    NodeCounts,
    SystemInstanceTypes,
    VpcCidr,
    Workloads,
)
from infra.instance_types import has_mig
from infra.model_repository import ModelRepository

NAMESPACE = "inference"
REGION = "aws:region"
_SAID = {
    "missing": "is not set",
    "extra_forbidden": "is not a known key",
}


class StackConfig(Frozen):
    """Everything that may differ between stacks. What is the same for all, and what keeps data safe, is code."""

    region: str = Field(alias="aws:region", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    environment: str = Field(pattern=r"^[a-z]([a-z0-9-]{0,13}[a-z0-9])$")
    owner: str = Field(min_length=2, pattern=r"^[\w .@&/+-]+$")
    contact: Email
    security_contact: Email
    vpc_cidr: VpcCidr
    availability_zones: int = Field(ge=2, le=3)
    kubernetes_version: Literal["1.34", "1.35"]
    system_instance_types: SystemInstanceTypes
    system_nodes: NodeCounts
    gpu_instance_types: GpuInstanceTypes
    gpu_nodes: NodeCounts
    gpu_capacity: Literal["ON_DEMAND", "SPOT"]
    deletion_protection: bool
    audit_log_retention_days: int
    edge: Edge
    admin_tunnel: bool = False
    image_digests: ImageDigests | None = None
    workloads: Workloads
    model_repository: Annotated[ModelRepository, BeforeValidator(ModelRepository.read)]
    auth: Auth
    triton_accelerator: Literal["none", "nvidia"]
    kubeconfig: ExistingFile | None = None
    aws_endpoint_url: HttpsUrl | None = None
    aws_ca_bundle: Certificate | None = None
    addresses: Addresses | None = None
    access_roles: AccessRoles = Field(default=AccessRoles(), validate_default=True)
    inherited: Inherited = Inherited()
    gpu_sharing: GpuSharing | None = None

    @property
    def name(self) -> str:
        """Name of the cluster, and the first part of every other name."""
        return f"inference-{self.environment}"

    @field_validator("audit_log_retention_days")
    @classmethod
    def _six_years(cls, days: int) -> int:
        if days not in AUDIT_RETENTION_DAYS:
            accepted = ", ".join(map(str, AUDIT_RETENTION_DAYS))
            raise ValueError(f"must be six years or more, in a step of CloudWatch Logs: {accepted}")
        return days

    @field_validator("edge")
    @classmethod
    def _beside_the_vpc(cls, edge: Edge, info: ValidationInfo) -> Edge:
        vpc = info.data.get("vpc_cidr")
        for cidr in edge.client_cidrs:
            if vpc and cidr.overlaps(vpc):
                raise ValueError(f"clientCidrs {cidr} overlaps vpcCidr {vpc}: traffic there would not come back")
        return edge

    @field_validator("gpu_sharing")
    @classmethod
    def _partitionable(cls, sharing: GpuSharing | None, info: ValidationInfo) -> GpuSharing | None:
        whole = [name for name in info.data.get("gpu_instance_types", ()) if not has_mig(name)]
        if isinstance(sharing, Mig) and whole:
            raise ValueError(f"the GPUs of {', '.join(whole)} have no MIG: name types with A100 or H100 (p4d, p5)")
        return sharing

    @field_validator("access_roles")
    @classmethod
    def _reachable(cls, roles: AccessRoles, info: ValidationInfo) -> AccessRoles:
        # The cluster's creator gets no access by being its creator, so that every way in is written down.
        if not (roles.administrator or roles.deployer or info.data.get("kubeconfig")):
            raise ValueError(
                "name the administrator's role for the first update and the deployer's for all later ones, or nobody "
                "changes what is in the cluster (or set kubeconfig)"
            )
        return roles

    @classmethod
    def parse(cls, raw: Mapping[str, Any], *, applying: bool) -> "StackConfig":
        """`raw` by configuration key. Raises pulumi.RunError with one line for every fault."""
        try:
            return cls.model_validate(raw, context={APPLYING: applying})
        except ValidationError as error:
            faults = "\n".join(sorted(f"  {_fault(detail)}" for detail in error.errors(include_url=False)))
            raise pulumi.RunError(f"The stack's configuration is refused; nothing was changed.\n{faults}") from None


def load_config() -> StackConfig:
    """The running stack's configuration."""
    return StackConfig.parse(_raw(), applying=not pulumi.runtime.is_dry_run())


def _raw() -> dict[str, Any]:
    """Our keys and the region as the engine gives them, objects decoded; an empty value counts as not set."""
    given = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    ours = {key.partition(":")[2]: value for key, value in given.items() if key.startswith(f"{NAMESPACE}:")}
    if region := given.get(REGION):
        ours[REGION] = region
    decoded = {key: _decoded(value) for key, value in ours.items()}
    return {key: value for key, value in decoded.items() if value not in ("", {})}


def _decoded(value: str) -> object:
    if not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _fault(detail: ErrorDetails) -> str:
    """`inference:gpuNodes.max: …`; never the value, which may be long or not meant for a log."""
    first, *rest = detail["loc"]
    key = str(first) if first == REGION else f"{NAMESPACE}:{first}"
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    said = _SAID.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return f"{key}{path}: {said}"
