"""The command, from k6 to the report."""

import re
from pathlib import Path

import pytest

from loadtests.compare import main
from tests.loadtests.services import Service, running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For the report; nothing of this machine's clusters is seen."""
    for variable in ("KUBECONFIG", "KUBECTL", "TRITON_CA"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def test_measures_and_writes_the_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every path that can be reached, in all three files."""
    with running(Service()) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        assert main(["--profile", "smoke", "--rounds", "1", "--seconds", "1", "--output", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out == (folder / "report.md").read_text()
    for path in ("fastapi-svc", "triton", "triton-grpc", "gateway"):
        assert re.search(rf"^\| smoke \| {path} \| .* \| kept \|$", printed.out, re.MULTILINE)
    assert printed.err.splitlines()[-1].startswith("4/4 ")
    assert {file.name for file in folder.iterdir()} == {"report.html", "report.md", "report.json"}


def test_writes_nothing_where_an_answer_was_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence."""
    with running(Service(label="SPLENDID")) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        arguments = ["--profile", "smoke", "--rounds", "1", "--seconds", "1", "--paths", "fastapi-svc"]
        assert main([*arguments, "--output", str(folder)]) == 1
    assert re.fullmatch(r"fastapi-svc gave \d+ wrong answers: see the service's log\.\n", capsys.readouterr().err)
    assert not list(folder.iterdir())


def test_a_soak_that_breaks_a_threshold_fails_after_its_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its figures are needed most then; the same answers are only a finding where the limit is looked for."""
    with running(Service(delay_s=0.2)) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        some = ["--rounds", "1", "--seconds", "1", "--rate", "5", "--paths", "triton", "--output", str(folder)]
        assert main(["--profile", "soak", *some]) == 1
    printed = capsys.readouterr()
    assert "| broken: latency{scenario:measure} |" in printed.out
    assert printed.err.splitlines()[-1] == "The run of triton broke latency{scenario:measure}: see its log."
    assert (folder / "report.json").exists()
