"""Lists of entries that people write in YAML: read, and refused in one sentence that names file, entry and remedy."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from policies.errors import PolicyError


def read_yaml(path: Path) -> Any:
    """What the file holds; raises PolicyError where it is missing, or no YAML."""
    try:
        return yaml.safe_load(path.read_text())
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: no UTF-8, a date such as 02-30
        raise PolicyError(f"{path.name} cannot be read as YAML: {' '.join(str(error).split())}") from error


def read_entries(path: Path, *, of: str) -> Iterator[tuple[str, object]]:
    """Every entry, with words for where it stands; raises PolicyError where the file is no list."""
    entries = read_yaml(path)
    if not isinstance(entries, list):
        raise PolicyError(f"{path.name} must be a list of {of}; write [] for none.")
    for number, entry in enumerate(entries, 1):
        yield f"{path.name} entry {number}", entry


def require_keys(entry: object, where: str, names: Iterable[str], optional: Iterable[str] = ()) -> Mapping[str, Any]:
    """The entry, if it has all of the names and beside them only optional ones."""
    needed, may = list(names), list(optional)
    if not isinstance(entry, dict) or {str(key) for key in entry} - {*may} != {*needed}:
        and_may = f", and may have {' and '.join(may)}" if may else ""
        raise PolicyError(f"{where} must have exactly these keys: {', '.join(needed)}{and_may}.")
    return entry


def require_texts(entry: Mapping[str, Any], where: str, names: Iterable[str]) -> None:
    """Each of the names that the entry has must hold words."""
    for name in names:
        if name in entry and not is_text(entry[name]):
            raise PolicyError(f"{where}: {name} must be a text that is not empty.")


def require_dates(entry: Mapping[str, Any], where: str, names: Iterable[str]) -> None:
    """Each of the names must hold a day, without a time."""
    for name in names:
        if type(entry[name]) is not date:
            raise PolicyError(f"{where}: {name} must be a date such as 2027-01-31.")


def is_text(value: object) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())
