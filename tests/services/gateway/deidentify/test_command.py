import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.gateway.deidentify import Deidentified, LanguageRefused, Scope, Span
from services.gateway.deidentify.__main__ import main, run


class ScriptedEngine:
    """Takes the first three characters out, or fails when told to."""

    def deidentify(self, text: str, scope: Scope | None = None) -> Deidentified:
        if text == "refuse":
            raise LanguageRefused
        if text == "fail":
            raise ValueError(text)
        return Deidentified(f"<PERSON>{text[3:]}", (Span(0, 3, "PERSON"),))


def answers(*lines: str | bytes) -> tuple[int, list[Any]]:
    output = io.StringIO()
    encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
    code = run(ScriptedEngine(), encoded, output=output)
    return code, [json.loads(line) for line in output.getvalue().splitlines()]


def test_lines_become_lines() -> None:
    """Each line gives the de-identified text and the spans in characters of the input."""
    code, [found] = answers(json.dumps({"text": "Ann was kind."}))
    assert code == 0
    assert found == {"text": "<PERSON> was kind.", "spans": [{"start": 0, "end": 3, "type": "PERSON"}]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Mary Jones", "not a JSON object"),
        ('{"texts": "Mary"}', "not a JSON object"),
        ('["Mary"]', "not a JSON object"),
        ('{"text": 7}', "not a JSON object"),
        ("", "not a JSON object"),
        (b'{"text": "Mary \xff"}', "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ('{"text": "refuse"}', "not in English"),
        ('{"text": "fail"}', "could not be de-identified"),
    ],
)
def test_a_line_that_cannot_be_done_is_an_error_in_its_place(line: str | bytes, said: str) -> None:
    """It names its number, never its words; the lines after it are done; the exit code tells."""
    code, found = answers('{"text": "Ann"}', line, '{"text": "Bob"}')
    assert code == 1
    assert [set(each) for each in found] == [{"text", "spans"}, {"error"}, {"text", "spans"}]
    assert found[1]["error"].startswith("line 2: ")
    assert said in found[1]["error"]
    assert "Mary" not in found[1]["error"]


def test_a_policy_that_cannot_be_used_ends_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one sentence, before anything is read."""
    assert main(["--policy", str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_can_be_driven_line_by_line() -> None:
    """An answer comes before the next line is written; an identifier is gone from it."""
    command = [sys.executable, "-m", "services.gateway.deidentify"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text, kind in (("Call 415-555-2671, thanks.", "PHONE_NUMBER"), ("SSN 123-45-6789 👍", "US_SSN")):
            process.stdin.write(json.dumps({"text": text}) + "\n")
            process.stdin.flush()
            assert [span["type"] for span in json.loads(process.stdout.readline())["spans"]] == [kind]
        process.stdin.close()
        assert process.wait(timeout=30) == 0
