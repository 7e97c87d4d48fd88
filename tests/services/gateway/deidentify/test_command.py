import io
import json

import pytest

from services.gateway.deidentify.__main__ import run
from services.gateway.deidentify.presidio import PresidioEngine


def test_lines_become_lines(engine: PresidioEngine) -> None:
    """Each line gives the de-identified text and the spans in characters of the input."""
    output = io.StringIO()
    lines = [json.dumps({"text": "👍 Dr. Smith was kind."}), json.dumps({"text": "Good."})]
    assert run(engine, lines, output=output, errors=io.StringIO()) == 0
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"text": "👍 Dr. <PERSON> was kind.", "spans": [{"start": 6, "end": 11, "type": "PERSON"}]},
        {"text": "Good.", "spans": []},
    ]


def test_another_language_is_an_error_of_its_line(engine: PresidioEngine) -> None:
    """The other lines are still done, and the exit code tells."""
    output = io.StringIO()
    lines = ['{"text": "Der Patient ist nicht zufrieden."}', '{"text": "Good."}']
    assert run(engine, lines, output=output, errors=io.StringIO()) == 1
    assert [set(json.loads(line)) for line in output.getvalue().splitlines()] == [{"error"}, {"text", "spans"}]


@pytest.mark.parametrize("line", ["Mary Jones", '{"texts": "Mary"}', '["Mary"]', '{"text": 7}'])
def test_a_bad_line_is_named_by_number(engine: PresidioEngine, line: str) -> None:
    """A line of another form ends the command with one sentence that doesn't repeat it."""
    errors = io.StringIO()
    assert run(engine, ['{"text": "Good."}', line], output=io.StringIO(), errors=errors) == 1
    assert "Line 2 " in errors.getvalue()
    assert "Mary" not in errors.getvalue()
