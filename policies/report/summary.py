"""What somebody with one minute reads: whether it passes, and how many of what stand in the way of a clean report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.controls import Decided
from policies.outcomes import Outcome
from policies.report.model import Report
from policies.report.rules import RuleReport
from policies.report.states import State


@dataclass(frozen=True)
class Point:
    """One line of the summary. `where` is the section of the report that says more."""

    state: State
    count: int
    text: str
    where: str


@dataclass(frozen=True)
class Summary:
    """`verdict` is bad (the exit status is 1), open (nothing fails, but not all is shown) or good (all is green)."""

    verdict: str
    headline: str
    points: tuple[Point, ...]


def summarise(report: Report) -> Summary:
    """The verdict, and a point for everything that is not green; violations are counted even where there are none."""
    points = tuple(item for item in _points(report) if item.count or item.state is State.VIOLATION)
    shown = sum(item.shown for item in report.rows)
    verdict = "bad" if not report.passed() else "good" if shown == len(report.rows) else "open"
    return Summary(verdict, f"{_verdict(report)} {_rows(report, shown)}", points)


def _verdict(report: Report) -> str:
    failing = sum(item.failing for item in report.rules)
    expired = len(report.expired_waivers()) + len(report.expired_attestations())
    undecided = sum(item.open for item in report.rules)
    if failing:
        return f"{failing} of {len(report.rules)} rules {_are(failing)} violated."
    if expired:
        return (
            f"{expired} {_some(expired, 'waiver or attestation', 'waivers or attestations')} {_have(expired)} expired."
        )
    if undecided:
        return f"No mandatory rule is violated, but {undecided} of {len(report.rules)} could not be decided."
    return "No mandatory rule is violated."


def _rows(report: Report, shown: int) -> str:
    """Both halves of the rows, and how many have both."""
    judged, signed = report.infrastructure_states(), report.attestation_states()
    return (
        f"Of {judged.total()} rows that rules are about, infrastructure is compliant in {judged[State.COMPLIANT]} "
        f"and of help in {judged[State.SUPPORTED]}; {signed[State.ATTESTED]} of {_many(signed.total(), 'signature')} "
        f"{_are(signed[State.ATTESTED])} there. {shown} of {len(report.rows)} rows are green."
    )


def _points(report: Report) -> Iterator[Point]:
    violated = [item for item in report.rules if item.state is State.VIOLATION]
    resources = {result.urn for item in violated for result in item.of(Outcome.VIOLATION)}
    where = f", on {_many(len(resources), 'resource')}" if violated else ""
    yield Point(State.VIOLATION, len(violated), f"{_rules(violated)} violated{where}{_advisory(violated)}", "attention")
    silent = [item for item in report.rules if item.state is State.NOT_RUN]
    yield Point(
        State.NOT_RUN,
        len(silent),
        f"{_rules(silent)} not run, and so show{'s' if len(silent) == 1 else ''} nothing",
        "attention",
    )
    unknown = [item for item in report.rules if item.of(Outcome.UNKNOWN)]
    why = (
        "the stack is applied, so they fail"
        if report.applied
        else "applying the stack settles what a preview cannot see"
    )
    yield Point(State.UNKNOWN, len(unknown), f"{_rules(unknown)} not decided for some resource; {why}", "attention")
    yield _expired(report)
    yield _waived(report)
    loose = report.unenforced()
    yield Point(
        State.ADVISORY, len(loose), f"{_rules(loose)} not enforced: set to warn only, or switched off", "enforcement"
    )
    unsigned = [item for item in report.rows if item.attestation_state is State.NOT_ATTESTED]
    yield Point(
        State.NOT_ATTESTED,
        len(unsigned),
        f"{_many(len(unsigned), 'row')} without the signature that they need",
        "attestations",
    )
    yield _inherited(report)
    empty = [item for item in report.rules if item.state is State.NO_SUBJECT]
    yield Point(State.NO_SUBJECT, len(empty), f"{_rules(empty)} without a resource that has to be there", "rules")
    absent = [item for item in report.rules if item.state is State.NOT_APPLICABLE]
    yield Point(
        State.NOT_APPLICABLE, len(absent), f"{_rules(absent)} about what a stack may lack, and this one lacks", "rules"
    )


def _expired(report: Report) -> Point:
    waivers, attestations = report.expired_waivers(), report.expired_attestations()
    found = (_many(len(items), what) for items, what in ((waivers, "waiver"), (attestations, "attestation")) if items)
    text = f"{' and '.join(found)} expired"
    return Point(State.EXPIRED, len(waivers) + len(attestations), text, "waivers" if waivers else "attestations")


def _waived(report: Report) -> Point:
    results = [result for result in report.run.results if result.waiver]
    soonest = min((result.waiver["expires"] for result in results if result.waiver), default="")
    return Point(
        State.WAIVED,
        len(results),
        f"{_many(len(results), 'violation')} accepted in writing, the first until {soonest}",
        "waivers",
    )


def _inherited(report: Report) -> Point:
    services = len(report.inherited())
    rows = sum(item.control.decided is Decided.INHERITED for item in report.rows)
    by_us = f"{_many(services, 'service')} said to be run by the organisation, and " if services else ""
    text = f"{by_us}{_many(rows, 'row')} left to the cloud provider; nothing of it was seen"
    return Point(State.INHERITED, services + rows, text, "inherited" if services else "attestations")


def _advisory(violated: Iterable[RuleReport]) -> str:
    loose = sum(bool(item.level) for item in violated)
    return f" ({loose} of them not enforced)" if loose else ""


def _rules(items: list[RuleReport]) -> str:
    return f"{_many(len(items), 'rule')} {_are(len(items))}"


def _many(count: int, what: str) -> str:
    return f"{count} {_some(count, what, what + 's')}"


def _some(count: int, one: str, more: str) -> str:
    return one if count == 1 else more


def _are(count: int) -> str:
    return _some(count, "is", "are")


def _have(count: int) -> str:
    return _some(count, "has", "have")
