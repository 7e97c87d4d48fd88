"""Settings of AWS resources: read, compared with what they must be, and written where they differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.operations.errors import say

TAGS = {"project": "inference", "data-classification": "phi", "managed-by": "infra.operations.bootstrap"}
"""As on everything of the stacks, but for no one of them: the state may hold what is known of PHI systems."""


@dataclass(frozen=True)
class Setting:
    """One setting of `what`; `read` gives None, or raises a ClientError of an `absent` code, where it is not set."""

    what: str
    wanted: Any
    read: Callable[[], Any]
    write: Callable[[], object]
    absent: tuple[str, ...] = ()

    def ensure(self) -> bool:
        """Whether it had to be written."""
        if holds(self._current(), self.wanted):
            return False
        self.write()
        say(f"set: {self.what}")
        return True

    def _current(self) -> Any:
        try:
            return self.read()
        except ClientError as error:
            if error.response["Error"]["Code"] in self.absent:
                return None
            raise


def holds(current: Any, wanted: Any) -> bool:
    """Whether `current` is `wanted`; members of mappings that nobody asked for do not count, AWS adds some."""
    if isinstance(wanted, Mapping):
        return isinstance(current, Mapping) and all(holds(current.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        same_length = isinstance(current, list) and len(current) == len(wanted)
        return same_length and all(map(holds, current, wanted))
    return bool(current == wanted)


def tag_list(tags: Mapping[str, str], *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as AWS lists them, by name; services differ in what they call the two members."""
    return [{key: name, value: tags[name]} for name in sorted(tags)]


def by_name(tags: list[dict[str, str]], *, key: str = "Key") -> list[dict[str, str]]:
    """AWS lists tags in no order of ours."""
    return sorted(tags, key=lambda tag: tag[key])
