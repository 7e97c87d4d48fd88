"""The report, from raw data."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from loadtests.report import write
from loadtests.report.__main__ import main
from loadtests.report.content import sections
from tests.loadtests.examples import empty, latency, whole

PLOTS = ("latency-by-load", "throughput", "distribution", "batches", "cpu")
FILES = {"report.html", "report.md", "report.json", *(f"{name}{on}.svg" for name in PLOTS for on in ("", "-dark"))}
BENCH = {"paths": {"raw ONNX Runtime": [{"one_client_s": [0.004, 0.005, 0.006], "per_s": 250.0}]}}


def read(folder: Path) -> Mapping[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the report of a whole run and raw ONNX Runtime."""
    made = tmp_path_factory.mktemp("report")
    bench = tmp_path_factory.mktemp("bench") / "bench.json"
    bench.write_text(json.dumps(BENCH))
    write([whole()], made, limit=bench)
    return made


def test_the_same_raw_data_give_the_same_report(folder: Path, tmp_path: Path) -> None:
    """Byte for byte, plots too, from the file that it has written itself."""
    bench = tmp_path / "bench.json"
    bench.write_text(json.dumps(BENCH))
    again = tmp_path / "again"
    assert main([str(folder / "report.json"), "--raw", str(bench), "--output", str(again)]) == 0
    assert set(read(folder)) == FILES
    assert read(again) == read(folder)


def test_it_says_when_where_and_how_it_was_measured(folder: Path) -> None:
    """So that somebody else can do it again."""
    text = (folder / "report.md").read_text()
    for said in (
        "2026-01-02T03:04:05+00:00",
        "`python -m loadtests.compare --processes`",
        "a processor, 2 cores, 24 GiB",
    ):
        assert said in text
    assert "p95 at most 50 ms, no error, no dropped iteration" in text


def test_each_path_has_its_figures_with_intervals_and_ratios(folder: Path) -> None:
    """To fastapi-svc, in the order of reports."""
    text = (folder / "report.md").read_text()
    rows = re.findall(
        r"^\| (\S+) \| \d+\.\d ± \d+\.\d \| .* \| (\d\.\d\d) \(\d\.\d\d to \d\.\d\d\) \|$", text, re.MULTILINE
    )
    assert [path for path, _ in rows] == ["fastapi-svc", "fastapi-naive", "triton", "triton-grpc", "gateway"]
    assert [ratio for _, ratio in rows] == ["1.00", "0.55", "0.91", "0.95", "0.64"]
    assert "| raw ONNX Runtime | 5.0 | - | - | 250 |" in text


def test_the_papers_figures_stand_beside_with_why_they_differ(folder: Path) -> None:
    """In the form of its own table: p50, p95, requests a second, path by path."""
    text = (folder / "report.md").read_text()
    assert "| FastAPI | arXiv 2602.00053 | 22 | - | about half of Triton's |" in text
    assert "| Triton | arXiv 2602.00053, one NVIDIA T4 | - | - | 780 |" in text
    for reason in ("Hardware", "Model", "Engine", "Batching", "Texts", "Loop"):
        assert f"- {reason}: " in text


def test_the_knee_is_in_the_table(folder: Path) -> None:
    """fastapi-svc keeps to 50 ms at 0.55 of 220 a second, and no longer at 0.7."""
    row = next(line for line in (folder / "report.md").read_text().splitlines() if line.startswith("| fastapi-svc | "))
    assert "| 121 ± 0 |" in row


def test_the_page_needs_nothing_else(folder: Path) -> None:
    """Plots are in it, and it loads nothing."""
    page = (folder / "report.html").read_text()
    assert page.count("<svg") == len(PLOTS)
    assert not re.search(r"<script|<link|<img|@import|url\(http|src=", page)


def test_its_plots_follow_the_pages_colours(folder: Path) -> None:
    """None is left that was made for white paper."""
    page = (folder / "report.html").read_text()
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) == set()
    used = set(re.findall(r"var\(--([a-z0-9-]+)", drawn))
    light, dark = (page.split("prefers-color-scheme: dark")[half] for half in (0, 1))
    for variable in used:
        assert f"--{variable}: #" in light
        assert f"--{variable}: #" in dark.split("</style>")[0]


def test_every_path_is_named_in_every_plot_that_it_is_in(folder: Path) -> None:
    """By text, which can be searched and read aloud."""
    for name in ("latency-by-load", "throughput", "distribution", "cpu"):
        drawn = (folder / f"{name}.svg").read_text()
        assert all(f">{path}<" in drawn for path in ("fastapi-svc", "triton", "triton-grpc", "gateway"))
    assert "raw ONNX Runtime, at most" in (folder / "latency-by-load.svg").read_text()


def test_what_was_not_measured_is_left_out_and_said_so(tmp_path: Path) -> None:
    """A run on a cluster elsewhere has neither batches nor processor time."""
    raw = empty()
    raw.measured.append(latency("fastapi-svc", clients=1, median_ms=5))
    raw.measured[0] = raw.measured[0].__class__(**{**vars(raw.measured[0]), "cpu_s": {}})
    text = write([raw], tmp_path)
    assert "Left out: Triton's metrics could not be reached" in text
    assert "Left out: the services could not be seen" in text
    assert "## Latency against offered load" not in text
    assert "so without an interval" in text


def test_several_runs_stand_side_by_side(tmp_path: Path) -> None:
    """Each with its own raw data, so a GPU cluster's beside this machine's."""
    other = empty()
    other.target, other.measured = "a cluster with a GPU", whole(rounds=1).measured
    write([whole(rounds=1), other], tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert re.findall(r"<h1>(.*)</h1>", page) == [
        "Load test of processes on one machine",
        "Load test of a cluster with a GPU",
    ]
    assert {"report.json", "report-2.json", "cpu-2.svg"} <= {file.name for file in tmp_path.iterdir()}


def test_every_section_says_something() -> None:
    """Sentences, a table or a plot."""
    for section in sections(whole(rounds=1), None):
        assert section.sentences or section.table or section.plot


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_refuses_what_is_no_raw_data(tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that names the file, and nothing is written."""
    file = tmp_path / "raw.json"
    if content is not None:
        file.write_text(content)
    assert main([str(file), "--output", str(tmp_path / "out")]) == 1
    assert re.fullmatch(rf"{file}: [A-Z][^\n]*\n", capsys.readouterr().err)
    assert main([str(file), "--raw", str(file), "--output", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
