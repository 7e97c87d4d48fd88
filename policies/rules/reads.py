"""What a rule reads while it runs: properties are handed to it through views that write down each path it looks at.

A view is lazy and costs nothing where nobody looks. It behaves as the engine's own proxies do: it is a Mapping or a
Sequence, no dict or list, and reading a value that a preview cannot know raises UnknownValueError.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
)

from policies.errors import PolicyError

Path = tuple[str | int, ...]
Note = Callable[[Path, Any], None]
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how the engine marks an object that wraps a secret
UNKNOWN = frozenset(
    (
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_STRING_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_OBJECT_VALUE,
    )
)
LONGEST = 200
"""Characters of a value that are kept as evidence."""


class _Mark:
    """What stands for a value that is not there or must not be shown."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


ABSENT = _Mark("absent")
NOT_KNOWN = _Mark("unknown")
HIDDEN = _Mark("[secret]")


@dataclass(frozen=True)
class Encrypted:
    """A secret that nobody has decrypted; reading it raises PolicyError. `where` names resource and property."""

    where: str


class _View:
    """Part of a resource's properties: the value itself, its path, who is told of reads, and whether it is secret."""

    __slots__ = ("_note", "_path", "_secret", "_target")

    def __init__(self, target: Any, path: Path = (), note: Note | None = None, secret: bool = False) -> None:
        self._target, self._path, self._note, self._secret = target, path, note, secret

    def _read(self, key: str | int) -> Any:
        path = (*self._path, key)
        try:
            value, secret = reveal(self._target[key])
        except (KeyError, UnknownValueError) as error:
            self._tell(path, ABSENT if isinstance(error, KeyError) else NOT_KNOWN)
            raise
        if isinstance(value, str) and value in UNKNOWN:
            self._tell(path, NOT_KNOWN)
            raise UnknownValueError(value, [str(part) for part in path])
        secret = secret or self._secret
        self._tell(path, HIDDEN if secret else value)
        return view(value, path, self._note, secret)

    def _tell(self, path: Path, value: Any) -> None:
        if self._note is not None:
            self._note(path, value)

    def __len__(self) -> int:
        return len(self._target)

    def __repr__(self) -> str:
        return text(HIDDEN if self._secret else self._target)


class _Object(_View, Mapping[str, Any]):
    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        return self._read(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._target)


class _List(_View, Sequence[Any]):
    __slots__ = ()

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        places = range(len(self._target))[index]
        return self._read(places) if isinstance(places, int) else [self._read(place) for place in places]


def view(value: Any, path: Path = (), note: Note | None = None, secret: bool = False) -> Any:
    """`value` itself where it is a leaf, else a view of it; `note` is told of each path that is read below it."""
    if isinstance(value, _View):
        value, secret = value._target, secret or value._secret
    if isinstance(value, Mapping):
        return _Object(value, path, note, secret)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _List(value, path, note, secret)
    return value


def reveal(value: Any) -> tuple[Any, bool]:
    """What a secret holds, and whether it was one; raises PolicyError where it is still encrypted."""
    if isinstance(value, Encrypted):
        raise PolicyError(
            f"{value.where} is encrypted and a rule must read it: export the state with `pulumi stack export "
            "--show-secrets`, which asks for the stack's passphrase or key, and judge that file."
        )
    if isinstance(value, dict) and value.get(SIGNATURE) == SECRET:
        return value["value"], True
    return value, False


class Subject(Protocol):
    """Anything with a URN and a label: a resource."""

    @property
    def urn(self) -> str: ...
    @property
    def label(self) -> str: ...


class Reads:
    """The paths that one rule read for one verdict, by URN. Of nested values only the innermost reads are kept."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[Path, Any]] = {}
        self._labels: dict[str, str] = {}

    def note(self, subject: Subject) -> Note:
        """Whom a view of this resource tells of reads."""

        def remember(path: Path, value: Any) -> None:
            if subject.urn not in self._seen:
                self._seen[subject.urn], self._labels[subject.urn] = {}, subject.label
            self._seen[subject.urn][path] = value

        return remember

    def leaves(self) -> dict[str, dict[Path, Any]]:
        """By URN, each path that was read and nothing below it was, with its value or ABSENT, NOT_KNOWN, HIDDEN."""
        return {urn: _innermost(seen) for urn, seen in self._seen.items()}

    def values(self, subject: Subject) -> tuple[tuple[str, str], ...]:
        """The leaves as pairs of text: the subject's own first, then those of related resources behind their label."""
        found = self.leaves()
        own = [(path_text(path), text(value)) for path, value in found.pop(subject.urn, {}).items()]
        related = [
            (f"{self._labels[urn]} {path_text(path)}", text(value))
            for urn, leaves in found.items()
            for path, value in leaves.items()
        ]
        return (*own, *related)


def _innermost(seen: Mapping[Path, Any]) -> dict[Path, Any]:
    outer = {path[:length] for path in seen for length in range(1, len(path))}
    return {path: value for path, value in seen.items() if path not in outer}


def path_text(path: Path) -> str:
    """A path as programs write it: `spec.containers[0].env`, `metadata.labels["app.kubernetes.io/name"]`."""
    parts = [f"[{part}]" if isinstance(part, int) else _key(part) for part in path]
    return "".join(parts).removeprefix(".")


def _key(name: str) -> str:
    return f".{name}" if name.replace("_", "").isalnum() else f"[{json.dumps(name)}]"


def text(value: Any) -> str:
    """A value as short evidence: text as it is, else JSON, both cut; secrets are never shown."""
    shown = plain(value)
    written = shown if isinstance(shown, str) else json.dumps(shown, sort_keys=True, default=str)
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 1]}…"


def plain(value: Any) -> Any:
    """A value as JSON has it, what is secret or not known replaced by a word."""
    if isinstance(value, _Mark):
        return value.text
    if isinstance(value, Encrypted):
        return HIDDEN.text
    if isinstance(value, _View):
        return plain(HIDDEN if value._secret else value._target)
    if isinstance(value, str):
        return NOT_KNOWN.text if value in UNKNOWN else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return HIDDEN.text
        return {key: _item(value, key) for key in value}
    return [_item(value, place) for place in range(len(value))] if isinstance(value, Sequence) else value


def _item(container: Any, key: str | int) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:  # the container is one of the engine's own proxies
        return NOT_KNOWN.text
