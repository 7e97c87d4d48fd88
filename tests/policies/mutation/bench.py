"""One stack on the bench: what each rule reads of it, and what each rule says when one thing in it is worse."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from policies.outcomes import Outcome, Verdict
from policies.rules import RULES
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Rule
from policies.rules.services import STACK
from tests.policies.mutation.changes import ABSENT, REMOVED, changes
from tests.policies.mutation.mutant import Mutant, places
from tests.policies.mutation.tracing import Path, Reads, traced

MOST_ALIKE = 3
"""So many times at most is the same value at the same place of resources of one type changed in the same way."""
Pair = tuple[str, str]
"""A rule and the URN of a resource that it judged."""


class Bench:
    """A stack, its verdicts, and what they rest on."""

    def __init__(self, resources: Sequence[Resource], rules: Sequence[Rule] = RULES) -> None:
        self.resources = {item.urn: item for item in resources}
        self._rules = {rule.name: rule for rule in rules}
        self.outcomes: dict[Pair, Outcome] = {}
        self.reads: dict[Pair, Reads] = {}
        self._findings: dict[Pair, frozenset[str]] = {}
        self._asking: dict[str, set[Pair]] = defaultdict(set)
        for rule in rules:
            for index, item in enumerate(resources):
                if item.type in rule.types:
                    self._look(rule, index)

    def _look(self, rule: Rule, index: int) -> None:
        reads = Reads()
        watched, stack = traced(list(self.resources.values()), reads)
        pair = (rule.name, watched[index].urn)
        verdict = rule.judge(watched[index], stack)[0]
        self.outcomes[pair], self._findings[pair] = verdict.outcome, frozenset(verdict.messages)
        self.reads[pair] = reads
        for kind in reads.types:
            self._asking[kind].add(pair)

    def compliant(self, rule: str) -> list[Pair]:
        """The resources that a rule found nothing wrong with, inherited services aside."""
        return [pair for pair, outcome in self.outcomes.items() if pair[0] == rule and outcome is Outcome.COMPLIANT]

    def mutants(self, rule: str) -> Iterator[Mutant]:
        """Every change to what the rule read of its compliant resources, each once."""
        pairs = self.compliant(rule)
        alike: Counter[Any] = Counter()
        for urn, path in sorted({place for pair in pairs for place in self.reads[pair].places}, key=str):
            kind, value = self.resources[urn].type, self.value(urn, path)
            for what, new in changes(kind.rpartition(":")[2], path, value) if path else ():
                like = (kind, places(path), what, repr(value), repr(new))
                alike[like] += 1
                if alike[like] <= MOST_ALIKE:
                    yield Mutant(kind, urn, path, what, new)
        kinds = {kind for pair in pairs for kind in self.reads[pair].types}
        if STACK in self._rules[rule].types:  # the rule is about absence
            kinds |= {*self._rules[rule].types} - {STACK}
        for item in self.resources.values():
            if item.type in kinds:
                yield Mutant(item.type, item.urn, (), "resource removed", REMOVED)
        for missing in sorted({each for pair in pairs for each in self.reads[pair].missing}, key=str):
            yield Mutant(missing.type, f"{missing.type}::added", (), f"added {missing.by}".rstrip(), missing)

    def value(self, urn: str, path: Path) -> Any:
        """What stands at a path, or ABSENT."""
        value: Any = self.resources[urn].props
        for part in path:
            if isinstance(value, dict) and part not in value:
                return ABSENT
            value = value[part]
        return ABSENT if value is None else value

    def judge(self, mutant: Mutant, *, every: bool = False) -> frozenset[str]:
        """The rules that become violated: those that look at the type that was changed are asked, or `every` one."""
        stack = Stack(mutant.made_in(self.resources))
        items = {item.urn: item for item in stack.resources}
        own = [(rule.name, mutant.urn) for rule in self._rules.values() if mutant.type in rule.types]
        asked = dict.fromkeys([*(self.outcomes if every else self._asking[mutant.type]), *own])
        there = ((pair, item) for pair in asked if (item := items.get(pair[1])))
        judged = ((pair, self._rules[pair[0]].judge(item, stack)[0]) for pair, item in there)
        return frozenset(pair[0] for pair, verdict in judged if self._newly_violated(pair, verdict))

    def _newly_violated(self, pair: Pair, verdict: Verdict) -> bool:
        """Whether there is a finding that the stack has not without the change, as where a violation is waived."""
        known = self._findings[pair] if self.outcomes.get(pair) is Outcome.VIOLATION else frozenset()
        return verdict.outcome is Outcome.VIOLATION and not known.issuperset(verdict.messages)
