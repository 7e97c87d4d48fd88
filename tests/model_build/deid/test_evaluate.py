"""The measurement's table and files; the systems are stand-ins here."""

import json
from pathlib import Path

import pytest

from model_build.deid import evaluate
from model_build.deid import systems as module
from model_build.deid.__main__ import main
from model_build.deid.examples import Example
from services.gateway.deidentify import Span

EXAMPLE = Example("Ana was in Salem", (Span(0, 3, "PERSON"), Span(11, 16, "LOCATION")))
TEXTS = {"generated": [EXAMPLE] * 30, "handwritten, one": [EXAMPLE] * 2, "handwritten, two": [EXAMPLE] * 3}


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    systems = {
        "all": lambda: ("finds all", lambda text: [Span(0, 3, "PERSON"), Span(11, 16, "LOCATION")]),
        "half": lambda: ("finds half", lambda text: [Span(0, 3, "PERSON"), Span(4, 7, "PERSON")]),
        "none": lambda: ("refuses", lambda text: None),
    }
    monkeypatch.setattr(module, "SYSTEMS", systems)
    monkeypatch.setattr(evaluate, "SYSTEMS", systems)
    monkeypatch.setattr(evaluate, "texts", lambda count, part: TEXTS)


@pytest.mark.usefixtures("stand_ins")
def test_every_system_has_its_figures_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out" / "figures.json"
    assert main(["evaluate", "--systems", "all,half,none", "--output", str(output)]) == 0
    table = capsys.readouterr().out
    assert "| PERSON | 30 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 0.500 |" in table
    assert "| texts with anything left |  | 0.00% |  |  |  | 100.00% |  |  |  | 0.00% |" in table
    assert "| texts refused |  | 0 |  |  |  | 0 |  |  |  | 30 |" in table
    assert "**All texts written by hand: 5 texts**" in table
    assert "| PERSON | 5 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 0.500 |" in table
    assert "| handwritten, two | 3 | finds half | 0.500 | 0.500 | 0.500 | 100.00% |" in table
    systems = json.loads(output.read_text())["sets"]["generated"]
    assert [each["rates"]["all"]["recall"] for each in systems] == [1, 0.5, 0]
    assert "Ana" not in output.read_text()


@pytest.mark.usefixtures("stand_ins")
def test_errors_are_shown_for_the_tune_part_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--systems", "half", "--part", "tune", "--misses"]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {
        "missed\tLOCATION\tAna was in [Salem]",
        "extra\tPERSON\tAna [was] in Salem",
    }
    assert main(["evaluate", "--systems", "half", "--misses"]) == 1
    assert "--part tune" in capsys.readouterr().err


@pytest.mark.usefixtures("stand_ins")
def test_an_unknown_system_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--systems", "magic"]) == 1
    assert "magic" in capsys.readouterr().err


def test_generate_prints_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--count", "3"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3
    assert all(set(line) == {"text", "spans"} for line in lines)
