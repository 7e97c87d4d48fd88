"""The program says which of its lines makes each resource."""

import json
from pathlib import Path

import pytest

from infra.source_lines import FILE
from local.paths import REPO
from local.program import run_program, stack_values, write_model


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, int]]:
    """File and line by label, of the stack `dev`."""
    monkeypatch.setenv(FILE, str(tmp_path / "sources.jsonl"))
    run_program(stack_values("dev", write_model(tmp_path)), stack="dev")
    entries = map(json.loads, (tmp_path / "sources.jsonl").read_text().splitlines())
    return {entry["resource"]: (entry["file"], entry["line"]) for entry in entries}


def test_each_resource_has_the_line_that_calls_its_class(lines: dict[str, tuple[str, int]]) -> None:
    """Of a resource within a component the line in the component, of the component the line that makes it."""
    for label, (file, call) in {
        "aws:eks/cluster:Cluster::cluster": ("infra/cluster.py", "aws.eks.Cluster("),
        "inference:network:Network::network": ("infra/__main__.py", "Network("),
    }.items():
        made_in, line = lines[label]
        text = (REPO / file).read_text().splitlines()
        assert (made_in, call in "".join(text[line - 2 : line + 1])) == (file, True)


def test_every_line_is_in_this_repository(lines: dict[str, tuple[str, int]]) -> None:
    """Relative to its root, so that no path of a machine gets into a report."""
    assert len(lines) > 300
    assert all((REPO / file).is_file() and file.startswith("infra/") for file, _ in lines.values())


def test_nothing_is_written_where_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is the same without."""
    monkeypatch.delenv(FILE, raising=False)
    monkeypatch.chdir(tmp_path)
    run_program(stack_values("dev", write_model(tmp_path / "model")), stack="dev")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
