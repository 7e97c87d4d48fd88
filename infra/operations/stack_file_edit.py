"""Writes what a command found into Pulumi.<stack>.yaml, and leaves its comments and the order of its keys as they are."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.operations.errors import OperationError

_KEY = "inference:imageDigests"
_BLOCK = re.compile(
    rf"^(?P<indent> +)[\"']?{_KEY}[\"']?:(?P<inline>.*)\n(?P<entries>(?:(?P=indent) +.*\n|\s*\n)*)", re.MULTILINE
)


def set_image_digests(file: Path, digests: Mapping[str, str]) -> None:
    """Sets `inference:imageDigests` to `digests`.

    Raises OperationError, and leaves the file as it was, where it is written in a way that this cannot edit.
    """
    before = file.read_text()
    after = _with(before if before.endswith("\n") else f"{before}\n", digests)
    wanted: dict[str, Any] = yaml.safe_load(before)
    wanted["config"][_KEY] = dict(digests)
    if _loaded(after) != wanted:
        listed = ", ".join(f"{name}: {digest}" for name, digest in digests.items())
        raise OperationError(
            f"{file.name} cannot be edited without changing more of it: set {_KEY} to {listed} by hand."
        )
    file.write_text(after)


def _loaded(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _with(text: str, digests: Mapping[str, str]) -> str:
    if found := _BLOCK.search(text):
        return text[: found.start()] + _block(found, digests) + text[found.end() :]
    lines = text.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith("config:"))
    end = start + 1
    while end < len(lines) and not re.match(r"\S", lines[end]):
        end += 1
    block = [f"  {_KEY}:\n", *(f"    {name}: {digest}\n" for name, digest in digests.items())]
    return "".join([*lines[:end], *block, *lines[end:]])


def _block(found: re.Match[str], digests: Mapping[str, str]) -> str:
    """The key with its entries: those that are there change where they stand, the others follow."""
    indent, entries, rest = found["indent"], found["entries"], dict(digests)

    def entry(line: re.Match[str]) -> str:
        return f"{line['name']}: {rest.pop(line['name'])}" if line["name"] in rest else line[0]

    entries = re.sub(r"(?P<name>[\w-]+): +sha256:[0-9a-f]{64}", entry, entries)
    added = "".join(f"{indent}  {name}: {digest}\n" for name, digest in rest.items())
    comment = found["inline"] if found["inline"].lstrip().startswith("#") else ""
    return f"{indent}{_KEY}:{comment}\n{added}{entries}"
