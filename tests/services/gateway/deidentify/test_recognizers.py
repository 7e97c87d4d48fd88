import pytest
import regex  # type: ignore[import-untyped]

from services.gateway.deidentify.patterns import compiled_patterns
from services.gateway.deidentify.recognizers import StrictPatternRecognizer


def test_a_pattern_that_takes_too_long_raises() -> None:
    """A time-out is an error, where Presidio's own recogniser would go on without the pattern."""
    recognizer = StrictPatternRecognizer("ID", [regex.compile("(?:a|aa)+c")], timeout_s=0.01)
    with pytest.raises(TimeoutError):
        recognizer.analyze("a" * 60, ["ID"])


@pytest.mark.parametrize("unit", ["1", "a.", "A ", "1-", "::", "a@", "Ab ", "1 ", "12:", "Ab, ", "x@y."])
def test_no_pattern_is_slow_on_hostile_text(unit: str) -> None:
    """The longest allowed text of a hostile form stays within the pattern's time limit, for every pattern."""
    hostile = unit * (10_000 // len(unit))
    for kind, patterns in compiled_patterns().items():
        StrictPatternRecognizer(kind, patterns).analyze(hostile, [kind])
