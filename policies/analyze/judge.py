"""Every rule on every resource that it is about, with what it read to come to its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.analyze.state import State
from policies.outcomes import Verdict
from policies.rules import RULES
from policies.rules.reads import Path, Reads
from policies.rules.resource import Stack
from policies.rules.rule import Rule, Scope


@dataclass(frozen=True)
class Traced:
    """A verdict, and by URN the paths that were read for it with their values (or ABSENT, NOT_KNOWN, HIDDEN)."""

    verdict: Verdict
    reads: Mapping[str, Mapping[Path, Any]]


def judge(stack: Stack | State, rules: Sequence[Rule] = RULES) -> dict[tuple[str, str], Traced]:
    """(rule, URN) to verdict, before waivers; resources of types that a rule is not about are left out.

    Rules about one resource judge the inputs in a state, and whatever the resources of a stack have.
    """
    found: dict[tuple[str, str], Traced] = {}
    for rule in rules:
        seen = stack_for(rule, stack) if isinstance(stack, State) else stack
        for resource in seen.typed(*rule.types):
            reads = Reads()
            verdict, _ = rule.judge(resource, seen, reads)
            found[rule.name, resource.urn] = Traced(verdict, reads.leaves())
    return found


def stack_for(rule: Rule, state: State) -> Stack:
    """What a rule judges of a state."""
    return state.declared if rule.scope is Scope.RESOURCE else state.finished
