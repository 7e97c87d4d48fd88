"""Settings, read once from the environment (prefix `GATEWAY_`)."""

import socket
from pathlib import Path

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.gateway.limits.quota import Quota
from services.http.schemas import MAX_TEXTS

PREFIX = "GATEWAY_"


class SettingsError(Exception):
    """Settings that the gateway can't start with, said in one sentence that names the remedy."""


class Settings(BaseSettings):
    """Everything that differs between deployments. Nothing here weakens a check: leeway and limits only tighten."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    triton_url: str = Field(min_length=1, description="gRPC target; dns:/// balances over every address of the name")
    triton_model: str = Field(default="sentiment", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    auth_issuer: str = Field(min_length=1, description="exact value of the `iss` claim")
    auth_audience: str = Field(min_length=1, description="value that the `aud` claim must contain")
    auth_jwks_file: Path = Field(
        description="JSON Web Key Set with the issuer's public keys; read again when it changes"
    )
    auth_leeway_s: int = Field(default=30, ge=0, le=60, description="clock skew allowed to the issuer, seconds")
    auth_max_lifetime_s: int = Field(default=3600, ge=60, le=86_400, description="longest life of a token, exp - iat")
    auth_accept_typ_jwt: bool = Field(
        default=False,
        description="also take `typ: JWT`, of issuers that do not follow RFC 9068; a scope is needed anyway",
    )
    auth_callers_file: Path | None = Field(
        default=None, description="YAML: callers by client certificate; none is asked for a certificate without it"
    )
    deidentify_policy_file: Path | None = Field(
        default=None, description="YAML: what becomes of identifiers; without it they are replaced by their type"
    )
    deidentify_key_file: Path | None = Field(
        default=None, description="32 random bytes or more, for a policy with surrogates or date shifts"
    )
    deidentify_threads: int = Field(default=1, ge=1, le=64, description="set from the CPU request")
    request_timeout_s: float = Field(default=20.0, gt=0, le=60, description="from the first byte to Triton's answer")
    port: int = Field(default=8443, ge=1, le=65535)
    tls_certificate: Path = Field(description="PEM chain: what clients and Triton see; read again when it is renewed")
    tls_key: Path = Field(description="PEM, unencrypted, of the certificate")
    triton_ca: Path = Field(description="PEM: the authority that Triton's certificate has to come from")
    drain_s: int = Field(default=0, ge=0, le=60, description="how long to serve after the order to stop, seconds")
    audit_dir: Path = Field(default=Path("/var/log/audit"), description="volume of the audit trail")
    audit_max_mib: int = Field(default=512, ge=1, description="what the trail may take of its volume, MiB")
    audit_instance: str = Field(
        default_factory=socket.gethostname,
        pattern=r"^[A-Za-z0-9.-]{1,253}$",
        description="the pod's name, in the trail",
    )
    audit_version: str = Field(default="unknown", max_length=512, description="the image, as the trail names it")
    rate_requests_per_minute: int = Field(default=60_000, ge=1, description="of one caller, at all gateways together")
    rate_texts_per_minute: int = Field(default=240_000, ge=1, description="of one caller, at all gateways together")
    rate_concurrency: int = Field(default=256, ge=1, description="requests of one caller that may be under way")
    rate_replicas_name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        description="DNS name with one address for each gateway that is ready; without it none is counted",
    )
    rate_max_replicas: int = Field(
        default=1,
        ge=1,
        le=1000,
        validate_default=True,
        description="gateways that may share the limits, the one that a rollout adds included",
    )
    request_max_tokens: int = Field(default=131_072, ge=1, description="bound by the characters of a request's texts")
    triton_versions: str = Field(
        default="",
        pattern=r"^([0-9A-Za-z]{1,64}(,[0-9A-Za-z]{1,64})*)?$",
        description="versions of the model that may answer, with commas between them; empty for any",
    )
    triton_slow_s: float = Field(default=1.0, gt=0, le=60, description="from when on an answer counts as slow, seconds")
    triton_max_wait_s: float = Field(default=2.0, ge=0, le=60, description="longest wait before Triton is asked")
    trace_ratio: float = Field(
        default=0.01, ge=0, le=1, description="share of the requests that are traced where the caller does not say"
    )
    metrics_interval_s: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="how often metrics are written as OTLP; 0 for never: /metrics has them too",
    )
    docs: bool = Field(default=False, description="serve /docs and /openapi.json")

    @field_validator("rate_max_replicas")
    @classmethod
    def _shares_serve(cls, replicas: int, info: ValidationInfo) -> int:
        names = ("rate_requests_per_minute", "rate_texts_per_minute", "rate_concurrency")
        known = all(name in info.data for name in names)
        if known and not Quota(*(info.data[name] for name in names)).serves(replicas, texts=MAX_TEXTS):
            raise ValueError("the rate limits, divided by so many gateways, let no full request through: raise them")
        return replicas


def load_settings() -> Settings:
    """Settings from the environment.

    Raises:
        SettingsError: one sentence that names the first variable at fault, never its value.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # required values come from the environment
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        raise SettingsError(f"Set {variable} in the gateway's environment: {first['msg'].lower()}.") from None
