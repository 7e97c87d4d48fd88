"""What changed between two sets of inputs, and whether it takes a new resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.aws.codec import Unknown, holds, plain
from local.aws.lifecycle import Lifecycle
from local.aws.observation import covers, is_empty, optional_output
from local.aws.resource import Resource
from local.aws.templates import parse


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changed inputs with the engine's kind of change (ADD, UPDATE_REPLACE, …); those that replace; in which order."""

    kinds: Mapping[str, str]
    replaces: frozenset[str]
    delete_first: bool


def diff(lifecycle: Lifecycle, olds: Mapping[str, Any], news: Mapping[str, Any], *, ignore: set[str]) -> Changes:
    """Compare inputs by meaning (JSON text, order of lists), ignoring those in `ignore`.

    An input that is no longer given and that AWS would compute is no change, as with the real provider.
    """
    kinds = {}
    for name in sorted({*olds, *news} - ignore):
        if not name.startswith("__"):
            kind = _kind(lifecycle, name, olds.get(name), news.get(name))
            if kind:
                kinds[name] = kind
    replaces = frozenset(name for name, kind in kinds.items() if kind.endswith("_REPLACE"))
    return Changes(
        kinds=kinds, replaces=replaces, delete_first=bool(replaces) and _same_identity(lifecycle, news, kinds)
    )


def _kind(lifecycle: Lifecycle, name: str, old: Any, new: Any) -> str | None:
    if new is None and (old is None or not optional_output(lifecycle.resource, name)):
        return None
    default = lifecycle.resource.defaults.get(name)
    before, after = (default if value is None else plain(value) for value in (old, new))
    if not holds(Unknown, after) and _same(before, after):
        return None
    kind = "ADD" if old is None else "DELETE" if new is None else "UPDATE"
    return f"{kind}_REPLACE" if lifecycle.replaces(name) or _nested(lifecycle.resource, name, old, new) else kind


def _same(before: Any, after: Any) -> bool:
    return (covers(before, after) and covers(after, before)) or (is_empty(before) and is_empty(after))


def _nested(resource: Resource, name: str, old: Any, new: Any) -> bool:
    inner = [path.partition(".")[2] for path in resource.replace_paths if path.startswith(f"{name}.")]
    before, after = (plain(value) if isinstance(plain(value), Mapping) else {} for value in (old, new))
    return any(before.get(key) != after.get(key) for key in inner)


def _same_identity(lifecycle: Lifecycle, news: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    """Whether old and new cannot exist side by side: a name or an id that the program gives, and that stays."""
    resource = lifecycle.resource
    parts = [*parse(resource.id, resource.id), *([resource.autoname] if resource.autoname else [])]
    given = [name for name in parts if name in news]
    return bool(given) and not any(name in kinds or name in news.get("__defaults", []) for name in given)
