"""Judging with the pack: a rule's verdict, what a waiver makes of it, and the record of both."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from pulumi_policy.proxy import UnknownValueError

from policies.outcomes import Outcome, Verdict
from policies.record import Head, Mode, Recorder, Source
from policies.rules.reads import Reads
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Rule
from policies.waivers import Waiver


class Pack:
    """The rules with the waivers of this organisation; every decision is recorded, with the source line if known."""

    def __init__(
        self,
        rules: Sequence[Rule],
        waivers: Sequence[Waiver],
        recorder: Recorder,
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        self.rules = rules
        self.today = datetime.now(UTC).date()
        self._waivers = {(item.rule, item.resource): item for item in waivers}
        self._recorder = recorder
        self._sources = sources or {}

    def begin(self, *, mode: Mode, stack: str, enforcement: Mapping[str, str]) -> None:
        """Begin the record; raises PolicyError where it cannot be written."""
        waivers = tuple(self._waivers.values())
        self._recorder.begin(
            Head(
                today=self.today, mode=mode, stack=stack, waivers=waivers, enforcement=dict(sorted(enforcement.items()))
            )
        )

    def decide(self, rule: Rule, resource: Resource, stack: Stack) -> tuple[Verdict, UnknownValueError | None]:
        """Judge, apply a waiver and record; with the unknown value that stood in the way, if any."""
        reads = Reads()
        verdict, unknown = rule.judge(resource, stack, reads)
        waiver = self._waivers.get((rule.name, resource.label))
        if waiver is not None and verdict.outcome is Outcome.VIOLATION:
            verdict = waived(verdict, waiver, self.today)
        self._record(rule, resource, verdict, reads, waiver if verdict.outcome is Outcome.WAIVED else None)
        return verdict, unknown

    def miss(self, rule: Rule, resource: Resource, why: str) -> None:
        """Record that a resource of the rule's types was not judged."""
        self._record(rule, resource, Verdict(Outcome.UNKNOWN, (why,)), Reads())

    def leave_out(self, rules: Iterable[Rule], stack: Stack) -> None:
        """Record what the rules say nothing about."""
        types = stack.types()
        for rule in rules:
            self._recorder.not_applicable(rule, {kind: types[kind] for kind in types if kind not in rule.types})

    def _record(
        self, rule: Rule, resource: Resource, verdict: Verdict, reads: Reads, waiver: Waiver | None = None
    ) -> None:
        source = self._sources.get(resource.urn)
        self._recorder.result(rule, resource, verdict, reads=reads, waiver=waiver, source=source)


def waived(verdict: Verdict, waiver: Waiver, today: date) -> Verdict:
    """What is left of a violation: whatever the waiver does not cover, and all of it from the day that it expires."""
    if waiver.expired(today):
        expired = f"its waiver, owned by {waiver.owner}, expired on {waiver.expires}"
        return Verdict(Outcome.VIOLATION, (*verdict.messages, expired))
    others = tuple(each for each in verdict.messages if not waiver.covers(each))
    return Verdict(Outcome.VIOLATION, others) if others else Verdict(Outcome.WAIVED, verdict.messages)
