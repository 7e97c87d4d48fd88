"""Settings, read once from the environment (prefix `GATEWAY_`)."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    auth_jwks_file: Path = Field(description="JSON Web Key Set with the issuer's public ES256 keys")
    auth_leeway_s: int = Field(default=30, ge=0, le=60, description="clock skew allowed to the issuer, seconds")
    deidentify_threads: int = Field(default=1, ge=1, le=64, description="set from the CPU request")
    request_timeout_s: float = Field(default=20.0, gt=0, le=60, description="from the first byte to Triton's answer")
    port: int = Field(default=8443, ge=1, le=65535)
    tls_certificate: Path = Field(description="PEM chain: what clients and Triton see; read again when it is renewed")
    tls_key: Path = Field(description="PEM, unencrypted, of the certificate")
    triton_ca: Path = Field(description="PEM: the authority that Triton's certificate has to come from")
    drain_s: int = Field(default=0, ge=0, le=60, description="how long to serve after the order to stop, seconds")
    docs: bool = Field(default=False, description="serve /docs and /openapi.json")


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
