"""Markdown: the same rows and states, nothing of it markup of somebody else."""

import pytest

from policies.outcomes import Outcome
from policies.record import Mode
from policies.report.formats import markdown
from policies.report.model import Report
from tests.policies.report.samples import ALL_SIGNED, PROFILE, everything, report, result, varied


def test_every_row_and_rule_is_there_with_its_state() -> None:
    """The missing half is said."""
    text = markdown.write(report(everything(Outcome.COMPLIANT)))
    for control in PROFILE.controls:
        assert f"\n| {control.id} | {control.title} |" in text
    assert "| · Infrastructure compliant; not attested | logged (compliant) |" in text
    assert "| ✓ Compliant | closed | high | mandatory | 1 compliant |" in text


def test_what_needs_attention_has_value_and_line() -> None:
    """Violation, waiver, unknown, inherited and a rule that did not run."""
    text = markdown.write(varied())
    subnet = "aws:ec2/subnet:Subnet::public-a"
    values = "mapPublicIpOnLaunch = false | infra/network.py:42 |"
    assert f"| violation | closed | {subnet} | why violation | {values}" in text
    assert "| · Not run | scanned |  | It recorded nothing. |  |  |" in text
    assert (
        "| closed | aws:ec2/subnet:Subnet::bastion | Bastion \\<b\\> | The host is watched | sec, SEC-1 | 2026-06-30 | yes |"
        in text
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (varied(mode=Mode.PREVIEW), "> **Not applied.**"),
        (varied(enforcement={"closed": "advisory"}), "> **Not all rules are enforced:** closed (advisory)."),
        (report([], emulated_aws=True), "> **AWS was emulated.**"),
    ],
    ids=["preview", "advisory", "emulated"],
)
def test_what_a_reader_must_know_first_is_at_the_top(found: Report, said: str) -> None:
    """And only where it is so."""
    assert said in markdown.write(found).partition("## ")[0]
    assert said not in markdown.write(report(everything(Outcome.COMPLIANT), ALL_SIGNED))


def test_a_message_stays_in_its_cell() -> None:
    """Bars, line ends and tags of a message do not break the table."""
    strange = result("closed", Outcome.VIOLATION, "odd", message="a | b\nc <script> [x](y)")
    assert "| a \\| b c \\<script\\> \\[x\\](y) |" in markdown.write(report([strange]))
