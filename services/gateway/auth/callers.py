"""The mapping of client certificates to scopes, a YAML file, by which machines call without a token."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

import yaml
from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.gateway.auth.principal import Scope
from services.gateway.settings import SettingsError

_DNS = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+"
_URI = r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~/-]+"
_REMEDY = (
    "give GATEWAY_AUTH_CALLERS_FILE a list `callers`, each with `san` (one DNS name in lower case without wildcards, or"
    " one URI) and `scopes` (of classify, deidentify and audit:read)."
)


class _Caller(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    san: Annotated[str, Field(pattern=f"^({_DNS}|{_URI})$", max_length=253)]
    scopes: Annotated[list[Scope], Field(min_length=1)]


class _Callers(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    callers: list[_Caller]


def parse_callers(document: bytes, *, own_names: frozenset[str]) -> dict[str, frozenset[str]]:
    """Scopes by name of a certificate.

    Raises:
        SettingsError: the file is something else, repeats a name, or names the gateway itself (`own_names`).
    """
    try:
        callers = _Callers.model_validate(yaml.safe_load(document)).callers
    except (ValidationError, yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"The mapping of callers can't be read: {_REMEDY}") from None
    if any(count > 1 for count in Counter(each.san for each in callers).values()):
        raise SettingsError(f"The mapping of callers repeats a name: {_REMEDY}")
    if own_names & {each.san for each in callers}:
        raise SettingsError("The mapping of callers names the gateway itself: take its own names out of it.")
    found: Mapping[str, frozenset[str]] = {each.san: frozenset(each.scopes) for each in callers}
    return dict(found)


def names_of(chain: bytes) -> frozenset[str]:
    """The DNS names of the first certificate of a PEM chain, such as the gateway's own."""
    try:
        extensions = x509.load_pem_x509_certificate(chain).extensions
        alternative = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name.lower() for name in alternative.get_values_for_type(x509.DNSName))
