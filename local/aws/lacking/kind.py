"""What a kind of thing is to those who remember it for moto."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of thing that is remembered for moto."""

    service: str
    name: str
    """What refusals call it."""
    operations: Mapping[str, str]
    """boto3 method -> create (refuses what is there), put (replaces it), read, update (changes it) or delete."""
    key: tuple[str, ...] = ()
    """The parameters that identify it in an account and region, those of what it belongs to first."""
    added: Callable[[Params, str], dict[str, Any]] = lambda _params, _arn: {}
    """(parameters, ARN prefix `arn:aws:service:region:account:`) -> fields that AWS computes."""
    renewed: tuple[str, ...] = ()
    """Those of the added fields that an update computes anew."""
    member: str = ""
    """The response member that holds it, `name[]` where that is a list; the response itself where empty."""
    batch: tuple[str, ...] = ()
    """Parameters that are a list: of names or ARNs in the plural of their key, or of whole requests."""
    belongs: tuple[str, Mapping[str, str]] | None = None
    """(operation of the same service that finds what it belongs to, the parameters of that by ours)."""
    over: bool = False
    """Whether moto has the thing, but not these of its settings: what is remembered is laid over moto's answer."""
    initial: Mapping[str, Any] | None = None
    """What a setting that is always there is before anybody sets it."""
    conflict: str = "ResourceInUseException"
    absent: str = "ResourceNotFoundException"


def verbs(noun: str, *, read: str) -> dict[str, str]:
    """create_, update_ and delete_<noun>, and the operation that reads one."""
    return {f"{verb}_{noun}": verb for verb in ("create", "update", "delete")} | {read: "read"}


def short(params: Params, *names: str) -> str:
    """Seventeen hexadecimal digits that follow from the identity, as AWS's ids look."""
    return hashlib.sha256("/".join(str(params[name]) for name in names).encode()).hexdigest()[:17]


def now() -> str:
    """The time as AWS's answers write it."""
    return datetime.now(UTC).isoformat()
