"""The README's table on the OWASP API Security Top 10."""

import re
from pathlib import Path

REPO = Path(__file__).parents[3]


def test_every_risk_is_met_by_tests_that_exist() -> None:
    """Ten rows in order, each with names of tests of the gateway, of what it shares, or of the stack."""
    table = (REPO / "README.md").read_text().partition("<!-- owasp -->")[2].partition("<!-- end of owasp -->")[0]
    rows = re.findall(r"^\| API(\d+) .*\| (.*) \|$", table, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 11))
    sources = [path.read_text() for path in (REPO / "tests").rglob("test_*.py")]
    there = {name for source in sources for name in re.findall(r"^def (test_\w+)\(", source, re.MULTILINE)}
    for _, tests in rows:
        named = set(re.findall(r"`(test_\w+)`", tests))
        assert named
        assert named <= there
