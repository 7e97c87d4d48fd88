"""The lines that make resources come into the record, whoever knows them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.record import Source
from policies.sources import add_sources, read_sources, source_of


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("project:///__main__.py#12", Source("project/__main__.py", 12)),
        ("project:///infra/my%20network.py#12,4", Source("project/infra/my network.py", 12)),
        ("project:///../shared/network.py#3", Source("shared/network.py", 3)),
        ("project:///../../elsewhere.py#3", None),
        ("project:///.venv/lib/python3.11/site-packages/pulumi/stack.py#9", None),
        ("project:///__main__.py", None),
        ("file:///etc/passwd#1", None),
        ("", None),
    ],
)
def test_a_position_counts_from_the_project_and_stays_in_the_folder(
    tmp_path: Path, position: str, expected: Source | None
) -> None:
    """No path of a machine and none of a library gets into a report."""
    assert source_of(position, tmp_path / "project", tmp_path) == expected


def _write(path: Path, *lines: Mapping[str, object]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_label_that_two_lines_make_is_left_out(tmp_path: Path) -> None:
    """The record would name the wrong one of two resources of one name below different parents."""
    lines = _write(
        tmp_path / "sources.jsonl",
        {"resource": "a:B::one", "file": "infra/a.py", "line": 1},
        {"resource": "a:B::two", "file": "infra/a.py", "line": 2},
        {"resource": "a:B::two", "file": "infra/b.py", "line": 2},
    )
    assert read_sources(lines) == {"a:B::one": Source("infra/a.py", 1)}
    assert read_sources(tmp_path / "gone") == {}


def test_sources_come_into_the_results_and_nothing_else_changes(tmp_path: Path) -> None:
    """Results of resources that nobody knows the line of stay as they are, and so do the other lines."""
    run = {"kind": "run", "pack": "p"}
    known = {"kind": "result", "type": "a:B", "urn": "urn:pulumi:dev::project::c:D$a:B::one"}
    unknown = {"kind": "result", "type": "a:B", "urn": "urn:pulumi:dev::project::a:B::other::one"}
    results = _write(tmp_path / "results.jsonl", run, known, unknown)
    add_sources(results, {"a:B::one": Source("infra/a.py", 1)})
    written = [json.loads(line) for line in results.read_text().splitlines()]
    assert written == [run, {**known, "source": {"file": "infra/a.py", "line": 1}}, unknown]


def test_without_a_record_nothing_is_written(tmp_path: Path) -> None:
    """The engine may fail before the pack begins one."""
    add_sources(tmp_path / "results.jsonl", {"a:B::one": Source("infra/a.py", 1)})
    assert list(tmp_path.iterdir()) == []
