"""A small pack, a small rule, and runs of it: five rows of which code decides one wholly, three rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from policies.attestations import Attestation
from policies.controls import Control, Decided, Need
from policies.outcomes import Outcome
from policies.profiles import Profile
from policies.record import Mode, Source
from policies.report.model import Report, build
from policies.report.results import Result, Run, Value
from policies.rules.rule import Rule, Scope, Severity, links

SUBNET = "aws:ec2/subnet:Subnet"
TODAY = date(2026, 1, 31)
WHOLE, PART, HELPED, PEOPLE, PROVIDER = (
    "164.312(a)(1)",
    "164.312(b)",
    "164.308(a)(5)(ii)(B)",
    "164.308(a)(2)",
    "164.310(a)(1)",
)
"""Rows that code decides wholly or in part, that rules only help, that people answer for, that the provider does."""
WAIVER = {
    "reason": "Bastion <b>",
    "measure": "The host is watched",
    "owner": "sec",
    "ticket": "SEC-1",
    "expires": "2026-06-30",
}
INHERITED = {"service": "cloudtrail", "by": "account <b>log-archive</b>", "answers": "security@hospital.example"}


def rule(name: str, *, direct: str = "", supporting: str = "", optional: bool = False) -> Rule:
    """A rule about subnets."""
    return Rule(
        name=name,
        description=f"It is {name}.",
        scope=Scope.RESOURCE,
        types=(SUBNET,),
        severity=Severity.HIGH,
        evidence=links(direct=direct, supporting=supporting),
        remediation=f"make it {name}.",
        link="https://docs.example.com/rule",
        check=lambda *_: iter(()),
        optional=optional,
    )


RULES = (
    rule("closed", direct="312(a)(1)"),
    rule("logged", direct="312(b)", supporting="312(a)(1)"),
    rule("scanned", supporting="308(a)(5)(ii)(B)"),
)


def control(name: str, decided: Decided, *, need: bool = True, obligation: str = "required") -> Control:
    """A row, which needs a signature unless said otherwise."""
    return Control(
        id=name,
        title=f"Title of {name}",
        kind="specification",
        obligation=obligation,
        decided=decided,
        reason="Code does not see people.",
        attestation=Need(who="security official", document="Policy", months=12) if need else None,
    )


PROFILE = Profile(
    name="rule",
    title="HIPAA Security Rule",
    status="in force",
    source="https://www.ecfr.gov/",
    controls=(
        control(PEOPLE, Decided.ORGANISATIONAL),
        control(HELPED, Decided.PARTIAL, obligation="addressable"),
        control(PROVIDER, Decided.INHERITED),
        control(WHOLE, Decided.IAC, need=False),
        control(PART, Decided.PARTIAL),
    ),
)


def result(name: str, outcome: Outcome, resource: str = "private-a", **more: Any) -> Result:
    """What a rule came to for a subnet, with the value that it read and the line that made it."""
    found: dict[str, Any] = {
        "message": "" if outcome is Outcome.COMPLIANT else f"why {outcome.value}",
        "values": (Value("mapPublicIpOnLaunch", "false"),),
        "source": Source("infra/network.py", 42),
        "waiver": WAIVER if outcome is Outcome.WAIVED else None,
        "inherited": INHERITED if outcome is Outcome.INHERITED else None,
    }
    return Result(
        rule=name,
        urn=f"urn:pulumi:dev::project::{SUBNET}::{resource}",
        type=SUBNET,
        outcome=outcome,
        **(found | more),
    )


def everything(outcome: Outcome) -> list[Result]:
    """Every rule comes to one outcome."""
    return [result(item.name, outcome) for item in RULES]


def run(results: Iterable[Result], **more: Any) -> Run:
    """A run that was applied."""
    facts: dict[str, Any] = {
        "pack": "hipaa-security-rule",
        "version": "1.0.0",
        "date": TODAY.isoformat(),
        "mode": Mode.UP,
        "waivers": (),
        "enforcement": {},
        "not_applicable": {},
        "digest": "0" * 64,
    }
    return Run(results=tuple(results), **(facts | more))


def signed(name: str, **more: Any) -> Attestation:
    """A signature that holds on the day of the run."""
    facts: dict[str, Any] = {"signed": date(2026, 1, 1), "expires": date(2026, 12, 31)}
    return Attestation(
        control=name,
        statement="It is in force <i>here</i>.",
        document="POL-7",
        by="Robin Example",
        role="security official",
        **(facts | more),
    )


ALL_SIGNED = tuple(signed(item.id) for item in PROFILE.controls if item.attestation)


def report(
    results: Iterable[Result],
    attestations: Sequence[Attestation] = (),
    *,
    rules: Sequence[Rule] = RULES,
    profile: Profile = PROFILE,
    emulated_aws: bool = False,
    **of_run: Any,
) -> Report:
    """The report of a run."""
    return build(
        run(results, **of_run), rules, profile, attestations, stack="dev", applied=False, emulated_aws=emulated_aws
    )


def varied(**of_run: Any) -> Report:
    """A report in which each outcome is somewhere, and a rule that did not run."""
    results = [
        result("closed", Outcome.VIOLATION, "public-a"),
        result("closed", Outcome.COMPLIANT),
        result("closed", Outcome.WAIVED, "bastion"),
        result("logged", Outcome.UNKNOWN, source=None),
        result("logged", Outcome.INHERITED, "other"),
    ]
    waivers: tuple[Mapping[str, Any], ...] = (
        {"rule": "closed", "resource": f"{SUBNET}::bastion", "findings": [], **WAIVER},
        {"rule": "closed", "resource": f"{SUBNET}::gone", "findings": [], **WAIVER},
    )
    return report(results, [signed(PEOPLE)], waivers=waivers, **of_run)
