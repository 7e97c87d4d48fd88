"""`python -m services.gateway.audit verify`."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.gateway.audit.__main__ import main
from services.gateway.audit.chain import parse
from services.gateway.audit.segments import listing
from tests.services.gateway.audit.trail import write_chain

REPO = Path(__file__).parents[4]


def test_a_whole_trail_is_said_to_be_whole(tmp_path: Path) -> None:
    """As a process: exit code 0, and what it looked at."""
    write_chain(tmp_path, 3, end=True)
    command = [sys.executable, "-m", "services.gateway.audit", "verify", str(tmp_path)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "5 records in 1 chains are whole; 0 anchors hold.\n"


def test_a_trail_without_an_end_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its gateway runs, was killed, or somebody cut it: only anchors tell."""
    chain = write_chain(tmp_path, 3)
    assert main(["verify", str(tmp_path)]) == 0
    assert f"{chain} goes to record 3 without an end record" in capsys.readouterr().out


def test_the_first_broken_record_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; file, line and the record before it."""
    write_chain(tmp_path, 3)
    (path,) = listing(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"r1"', b'"rX"'))
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().err.startswith(f"{path}:3: after record 1 of chain ")


def test_anchors_are_read_from_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A head in the operational log that the trail does not have."""
    chain = write_chain(tmp_path, 3)
    (path,) = listing(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    log = tmp_path / "operational.log"
    log.write_text(f"x Audit anchor: chain {chain} sequence 3 hash {parse(lines[3]).head.hash}\n")
    assert main(["verify", str(path), "--anchors", str(log)]) == 0
    path.write_bytes(b"".join(lines[:3]))
    assert main(["verify", str(path), "--anchors", str(log)]) == 1
    assert "record 3 of chain" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["nothing", "no/such/file.jsonl"])
def test_what_can_t_be_read_is_no_whole_trail(tmp_path: Path, missing: str) -> None:
    """Exit code 2."""
    (tmp_path / "nothing").mkdir()
    assert main(["verify", str(tmp_path / missing)]) == 2
