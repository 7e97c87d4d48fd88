"""Programs that are not ours, in two languages, before the pack: stopped, and what was found is frozen."""

import pytest

from local import toolchain
from policies.rules import RULES
from tests.policies.programs.preview import HOSTS, Preview, preview
from tests.policies.programs.table import PROGRAMS, TABLE, render

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Preview]:
    """Each program as the engine previews it, with the language host that it needs."""
    toolchain.ensure(["pulumi", *HOSTS.values()])
    return {name: preview(name, tmp_path_factory.mktemp("preview") / name) for name in PROGRAMS}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_foreign_program_is_stopped_and_told_why(program: str, previews: dict[str, Preview]) -> None:
    """The engine fails, and says of every violation which resource, what is wrong, which controls, and what mends it."""
    found = previews[program]
    assert found.status != 0
    said = " ".join(found.output.split())
    rules = {rule.name: rule for rule in RULES}
    for line in (line for line in found.results if line["outcome"] == "violation"):
        rule, label = rules[line["rule"]], f"{line['type']}::{line['urn'].rpartition('::')[2]}"
        assert f"{label}: {line['message'].partition('; ')[0]}" in said
        assert f"HIPAA {', '.join(rule.controls())}. Fix: {rule.remediation} See {rule.link}" in said


def test_what_is_found_in_foreign_programs_is_what_the_table_says(previews: dict[str, Preview]) -> None:
    """A rule that stops finding something, or begins to, changes policies/foreign.md in the same review."""
    assert render(previews) == TABLE.read_text(), "run `python -m tests.policies.programs`"
