"""Whose requests the gateway answers: keys of token issuers, and workloads that come with a certificate."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.config_types import Frozen, HttpsUrl

OWN_SERVICES = frozenset({"gateway", "triton", "triton-headless", "fastapi-svc"})
"""Names of the stack's own Services, whose certificates say that they serve."""


class EllipticCurveKey(Frozen):
    """A public key for ES256; a private member (`d`) is an unknown key here and refused as such."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    kid: str = Field(min_length=1)
    x: str = Field(pattern=r"^[\w-]{43}$")
    y: str = Field(pattern=r"^[\w-]{43}$")
    use: Literal["sig"] = "sig"
    alg: Literal["ES256"] = "ES256"


class RsaKey(Frozen):
    """A public key of 2048 to 8192 bits for the one algorithm that it names; so far as issuers have no other."""

    kty: Literal["RSA"]
    kid: str = Field(min_length=1)
    n: str = Field(pattern=r"^[\w-]+$", min_length=342, max_length=1366)
    e: str = Field(pattern=r"^[\w-]{4}$")
    alg: Literal["RS256", "PS256"]
    use: Literal["sig"] = "sig"


JsonWebKey = Annotated[EllipticCurveKey | RsaKey, Field(discriminator="kty")]


class JsonWebKeySet(Frozen):
    """Keys that the gateway accepts signatures of."""

    keys: tuple[JsonWebKey, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({key.kid for key in self.keys}) < len(self.keys):
            raise ValueError("gives two keys one kid")
        return self


class Caller(Frozen):
    """A workload of the cluster that calls the gateway without a token, with a certificate of the cluster's authority.

    It is known by the name of its Service; its pods carry that name as the label `app.kubernetes.io/name`.
    """

    service: str = Field(pattern=r"^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$")
    namespace: Literal["gateway", "inference", "loadtest"]
    """Where the cluster's authority signs. `loadtest` is there only with a caller in it."""
    scopes: tuple[Literal["classify", "deidentify", "audit:read"], ...] = Field(min_length=1)

    @field_validator("service")
    @classmethod
    def _another(cls, service: str) -> str:
        if service in OWN_SERVICES:
            raise ValueError(
                f"{service} is a part of the stack, which does not call the gateway: name a workload of yours"
            )
        return service


class Auth(Frozen):
    """Whose tokens the gateway accepts, and which workloads of the cluster may call it by certificate."""

    issuer: HttpsUrl
    audience: str = Field(min_length=1)
    jwks: JsonWebKeySet
    max_lifetime_seconds: int = Field(default=3600, ge=60, le=86_400)
    """Longest life of a token: how long one that was stolen is of use."""
    accept_typ_jwt: bool = False
    """Whether `typ: JWT` is accepted beside `at+jwt`, of issuers that do not follow RFC 9068."""
    callers: tuple[Caller, ...] = ()

    @property
    def load_tested(self) -> bool:
        """Whether a caller is there to load the gateway from within the cluster."""
        return any(caller.namespace == "loadtest" for caller in self.callers)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({caller.service for caller in self.callers}) < len(self.callers):
            raise ValueError("callers names a service twice")
        return self
