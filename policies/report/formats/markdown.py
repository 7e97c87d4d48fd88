"""Markdown, for a pull request or a wiki: the summary, what needs attention, every row, waivers and attestations."""

from collections.abc import Iterable, Iterator

from policies.outcomes import Outcome
from policies.report.model import Report
from policies.report.rows import Row
from policies.report.rules import RuleReport, label
from policies.report.states import LABELS, MEANINGS, State
from policies.report.summary import summarise
from policies.report.words import DECIDED, EMULATED, LIMITS, PREVIEW, PURPOSE, provenance, sections, source

_SIGNS = {State.COMPLIANT: "✓", State.ATTESTED: "✓", State.VIOLATION: "✕", State.EXPIRED: "✕"}


def write(report: Report) -> str:
    """The document; the evidence of what is compliant is in report.html and report.json."""
    parts = [_head, _attention, _matrix, _waivers, _attestations, _inherited, _rules, _reading]
    return "\n\n".join("\n".join(part(report)) for part in parts if any(part(report))) + "\n"


def _head(report: Report) -> Iterator[str]:
    summary = summarise(report)
    yield f"# HIPAA Security Rule report: {_text(report.stack)}"
    yield f"\n{PURPOSE}\n"
    if not report.profile.in_force:
        yield f"> **Not the law.** Held against {_text(report.profile.title)}: {_text(report.profile.status)}.\n"
    if report.emulated_aws:
        yield f"> **AWS was emulated.** {EMULATED}\n"
    if not report.applied:
        yield f"> **Not applied.** {PREVIEW}\n"
    if loose := report.unenforced():
        yield f"> **Not all rules are enforced:** {', '.join(f'{item.rule.name} ({item.level})' for item in loose)}.\n"
    yield f"**{summary.headline}**\n"
    yield from _table(
        ["count", "state", "what"], [[str(each.count), LABELS[each.state], each.text] for each in summary.points]
    )
    yield ""
    yield from _table(["provenance", ""], [[name, value] for name, value in provenance(report).items()])


def _attention(report: Report) -> Iterator[str]:
    if items := report.attention():
        yield "## Needs attention\n"
        rows = [row for item in items for row in _open(item)]
        yield from _table(["state", "rule", "resource", "what", "values read", "made at"], rows)


def _open(item: RuleReport) -> Iterator[list[str]]:
    """What is not compliant of a rule: one line a resource."""
    if item.state is State.NOT_RUN:
        yield [_state(item.state), item.rule.name, "", "It recorded nothing.", "", ""]
    for result in item.results:
        if result.outcome is not Outcome.COMPLIANT:
            values = "; ".join(f"{each.path} = {each.value}" for each in result.values)
            yield [result.outcome.value, item.rule.name, label(result), result.message, values, source(result)]


def _matrix(report: Report) -> Iterator[str]:
    yield "## The Security Rule, row by row"
    for part, title, rows in sections(report.rows):
        yield f"\n### {f'{part} ' if part[0].isdigit() else ''}{title}\n"
        yield from _table(["paragraph", "title", "obligation", "state", "rules", "what is left"], map(_row, rows))


def _row(row: Row) -> list[str]:
    rules = ", ".join(f"{item.rule.name} ({LABELS[item.state].lower()})" for item, _ in row.evidence)
    control = row.control
    left = f"{DECIDED[control.decided]} {control.reason}"
    return [control.id, control.title, control.obligation, f"{_SIGNS.get(row.state, '·')} {row.label}", rules, left]


def _waivers(report: Report) -> Iterator[str]:
    yield "## Waivers\n"
    if not report.run.waivers:
        yield "None."
        return
    unused, expired = report.unused_waivers(), report.expired_waivers()
    rows = [
        [
            item["rule"],
            item["resource"],
            item["reason"],
            item["measure"],
            f"{item['owner']}, {item['ticket']}",
            item["expires"],
            "expired" if item in expired else "no" if item in unused else "yes",
        ]
        for item in report.run.waivers
    ]
    yield from _table(["rule", "resource", "reason", "instead", "owner, ticket", "until", "waives"], rows)


def _attestations(report: Report) -> Iterator[str]:
    yield "## Attestations\n"
    rows = [_attestation(row) for row in report.rows if row.attestation_state]
    yield from _table(["row", "state", "who signs", "document", "signed"], rows)


def _attestation(row: Row) -> list[str]:
    need, signed = row.control.attestation, row.attestation
    said = f"{signed.statement} {signed.document}. {signed.by}, {signed.role}, until {signed.expires}" if signed else ""
    state = LABELS[row.attestation_state or State.NOT_ATTESTED]
    return [row.control.id, state, need.who if need else "", need.document if need else "", said]


def _inherited(report: Report) -> Iterator[str]:
    if services := report.inherited():
        yield "## Inherited from the organisation\n"
        rows = [[item.service, item.by, item.answers, ", ".join(item.rules)] for item in services]
        yield from _table(["service", "run by", "answers for it", "rules that found none"], rows)


def _rules(report: Report) -> Iterator[str]:
    yield "## Rules\n"
    rows = [
        [_state(item.state), item.rule.name, item.rule.severity.value, item.level or "mandatory", item.counts()]
        for item in report.rules
    ]
    yield from _table(["state", "rule", "severity", "enforcement", "results"], rows)


def _reading(report: Report) -> Iterator[str]:
    yield "## What this report does not cover\n"
    yield from (f"- {each}" for each in LIMITS)
    yield "\n## How to read it\n"
    yield from _table(["state", "meaning"], [[LABELS[state], MEANINGS[state]] for state in State])


def _state(state: State) -> str:
    return f"{_SIGNS.get(state, '·')} {LABELS[state]}"


def _table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_text, row))} |"


def _text(value: str) -> str:
    """A value on one line, so that nothing in it is markup."""
    plain = " ".join(value.split())
    for sign in "\\`*_[]<>|~":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
