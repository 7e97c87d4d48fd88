"""What a rule is, and the decorators that make one from a function.

The function yields one sentence for each thing that is wrong with one resource (what was seen, what was expected) and
nothing when all is well. Its docstring states the good state.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import NotRequired, TypedDict, Unpack

from pulumi_policy.proxy import UnknownValueError

from policies.outcomes import Inheritance, Outcome, Verdict
from policies.rules.reads import Reads
from policies.rules.resource import Resource, Stack

Findings = Iterator[str]
RULES: list["Rule"] = []
"""Every rule, in the order of the modules; `policies.rules` fills it."""


class Severity(StrEnum):
    """How much a violation matters by itself; every rule is mandatory all the same."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Strength(StrEnum):
    """How strongly a rule evidences a control: it is (part of) what the control asks, or it only helps."""

    DIRECT = "direct"
    SUPPORTING = "supporting"


class Scope(Enum):
    """RESOURCE rules run on inputs before a resource is touched, RELATION rules on the whole stack."""

    RESOURCE = "resource"
    RELATION = "relation"


class NotApplicable(Exception):
    """Raised by a rule for a resource of its types that it does not speak about; the argument says why."""


class Inherited(Exception):
    """Raised by a rule that misses what somebody else is declared to run for the account."""

    def __init__(self, inheritance: Inheritance) -> None:
        super().__init__(str(inheritance))
        self.inheritance = inheritance


class Facts(TypedDict):
    """What every rule says of itself beside its name and types."""

    severity: Severity
    evidence: Mapping[str, Strength]
    remediation: str
    link: str
    optional: NotRequired[bool]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: whom it is about, what it checks, which controls it evidences and how a violation is mended.

    `optional`: what it is about may be absent, and then nothing is missing, as there is nothing to go wrong.
    """

    name: str
    description: str
    scope: Scope
    types: tuple[str, ...]
    severity: Severity
    evidence: Mapping[str, Strength]
    remediation: str
    link: str
    check: Callable[[Resource, Stack], Findings]
    optional: bool = False

    def controls(self) -> tuple[str, ...]:
        """The control ids, direct ones first."""
        return tuple(sorted(self.evidence, key=lambda control: (self.evidence[control] != Strength.DIRECT, control)))

    def judge(
        self, resource: Resource, stack: Stack, reads: Reads | None = None
    ) -> tuple[Verdict, UnknownValueError | None]:
        """The verdict on one resource, and the unknown value that stood in the way, if any.

        A violation that was found before the unknown value stays a violation, and what is not of the form that the rule
        relies on is one: no provider would take it. `reads` is told what the rule looks at.
        """
        if resource.type not in self.types:
            return Verdict(Outcome.NOT_APPLICABLE, (f"applies to {', '.join(self.types)}",)), None
        if reads is not None:
            resource, stack = resource.traced(reads), stack.traced(reads)
        findings: list[str] = []
        try:
            for finding in self.check(resource, stack):
                findings.append(finding)
        except NotApplicable as reason:
            return Verdict(Outcome.NOT_APPLICABLE, (str(reason),)), None
        except Inherited as found:
            return Verdict(Outcome.INHERITED, (str(found),), found.inheritance), None
        except UnknownValueError as unknown:
            if not findings:
                return Verdict(Outcome.UNKNOWN, (unknown.message,)), unknown
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            findings.append(f"cannot be judged ({type(error).__name__}: {error}), expected what the provider documents")
        return Verdict(Outcome.VIOLATION if findings else Outcome.COMPLIANT, tuple(findings)), None

    def explain(self, resource: Resource, finding: str) -> str:
        """The message of a violation: which resource, what is wrong, which control, how to mend it."""
        controls = ", ".join(self.controls())
        return f"{resource.label}: {finding}. HIPAA {controls}. Fix: {self.remediation} See {self.link}"


def links(*, direct: str = "", supporting: str = "") -> dict[str, Strength]:
    """Controls and strengths from space-separated ids without the part number: `312(b)` is 164.312(b)."""
    return {f"164.{item}": Strength.DIRECT for item in direct.split()} | {
        f"164.{item}": Strength.SUPPORTING for item in supporting.split()
    }


def resource_rule(name: str, *types: str, **facts: Unpack[Facts]) -> Callable[[Callable[[Resource], Findings]], Rule]:
    """Make a rule that looks at one resource's inputs; it stops the engine before that resource is touched."""

    def register(check: Callable[[Resource], Findings]) -> Rule:
        return _register(
            Rule(
                name=name,
                description=_description(check),
                scope=Scope.RESOURCE,
                types=types,
                check=lambda resource, _: check(resource),
                **facts,
            )
        )

    return register


def relation_rule(
    name: str, *types: str, **facts: Unpack[Facts]
) -> Callable[[Callable[[Resource, Stack], Findings]], Rule]:
    """Make a rule that looks at one resource together with the rest of the stack."""

    def register(check: Callable[[Resource, Stack], Findings]) -> Rule:
        return _register(
            Rule(
                name=name,
                description=_description(check),
                scope=Scope.RELATION,
                types=types,
                check=check,
                **facts,
            )
        )

    return register


def _description(check: Callable[..., Findings]) -> str:
    return " ".join((check.__doc__ or "").partition("\n\n")[0].split())


def _register(rule: Rule) -> Rule:
    RULES.append(rule)
    return rule
