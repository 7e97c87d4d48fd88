"""The lines of a program that make its resources: what the engine or the program says of them, for the record of a run."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

from policies.record import Source


def source_of(position: str, project: Path, root: Path | None = None) -> Source | None:
    """The file and line of the engine's `project:///<path from Pulumi.yaml>#<line>`, relative to `root`.

    `root` is the current folder unless it is given. None where the position is missing, outside `root` or in a library.
    """
    parts = urlsplit(position)
    line = parts.fragment.partition(",")[0]
    if parts.scheme != "project" or not line.isdigit():
        return None
    top = os.path.abspath(root or Path.cwd())
    file = Path(os.path.relpath(os.path.normpath(project.absolute() / unquote(parts.path).lstrip("/")), top))
    outside = {os.pardir, "site-packages", "node_modules"} & {*file.parts}
    return None if outside else Source(file.as_posix(), int(line))


def read_sources(path: Path) -> dict[str, Source]:
    """What a program wrote, a JSON object with `resource`, `file` and `line` on each line; by label of the resource.

    A label that two lines make, below different parents, is left out.
    """
    found: dict[str, set[Source]] = {}
    for entry in map(json.loads, path.read_text().splitlines() if path.exists() else ()):
        found.setdefault(entry["resource"], set()).add(Source(entry["file"], entry["line"]))
    return {label: source for label, (source, *others) in found.items() if not others}


def add_sources(results: Path, sources: Mapping[str, Source]) -> None:
    """Write into each result of a record which line makes its resource, where that is known by the resource's label."""
    if not results.exists():
        return
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    for line in lines:
        if line["kind"] == "result":
            source = sources.get(f"{line['type']}::{line['urn'].split('::', 3)[3]}")
            line |= {"source": asdict(source)} if source else {}
    partial = results.with_name(f"{results.name}.partial")
    partial.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in lines))
    partial.replace(results)
