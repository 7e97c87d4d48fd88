"""Rules as policies of the Pulumi engine, each verdict recorded on the way."""

from collections.abc import Sequence

from pulumi_policy import (
    Policy,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as EngineSeverity
from pulumi_policy.proxy import UnknownValueError

from policies.exemptions import Exemption, find_exemption
from policies.outcomes import Outcome, Verdict
from policies.record import Recorder
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Rule, Scope


def policies(rules: Sequence[Rule], exemptions: Sequence[Exemption], recorder: Recorder) -> list[Policy]:
    """One engine policy for each rule: before a resource is touched, or over the whole stack for relations."""
    inputs: dict[str, Properties] = {}
    return [_Enforcer(rule, exemptions, recorder, inputs).policy() for rule in rules]


class _Enforcer:
    """Carries one rule out; `inputs` of all resources are shared with the other rules."""

    def __init__(
        self, rule: Rule, exemptions: Sequence[Exemption], recorder: Recorder, inputs: dict[str, Properties]
    ) -> None:
        self.rule = rule
        self.exemptions = exemptions
        self.recorder = recorder
        self.inputs = inputs

    def policy(self) -> Policy:
        rule, severity = self.rule, EngineSeverity(self.rule.severity.value)
        framework = PolicyComplianceFramework(
            name="HIPAA Security Rule",
            reference="45 CFR 164 Subpart C",
            specification=rule.controls()[0],
        )
        if rule.scope is Scope.RELATION:
            return StackValidationPolicy(
                rule.name,
                rule.description,
                self.validate_stack,
                severity=severity,
                framework=framework,
                tags=list(rule.controls()),
                remediation_steps=rule.remediation,
                url=rule.link,
            )
        return ResourceValidationPolicy(
            rule.name,
            rule.description,
            self.validate_resource,
            severity=severity,
            framework=framework,
            tags=list(rule.controls()),
            remediation_steps=rule.remediation,
            url=rule.link,
        )

    def validate_resource(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        self.inputs[args.urn] = args.props
        resource = Resource(type=args.resource_type, name=args.name, urn=args.urn, props=args.props)
        verdict, unknown = self.decide(resource, Stack([resource]), report)
        if unknown is not None:
            raise unknown  # the engine says so, as an advisory message
        if verdict.outcome is Outcome.NOT_APPLICABLE:
            args.not_applicable("; ".join(verdict.messages))

    def validate_stack(self, args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack.of(args.resources, self.inputs)
        unknowns = [self.decide(resource, stack, report)[1] for resource in stack.resources]
        for unknown in filter(None, unknowns):
            raise unknown  # the first one stands for all; the record has each

    def decide(
        self, resource: Resource, stack: Stack, report: ReportViolation
    ) -> tuple[Verdict, UnknownValueError | None]:
        """Judge, apply an exemption, record, and report what remains a violation to the engine."""
        verdict, unknown = self.rule.judge(resource, stack)
        exemption = find_exemption(self.exemptions, rule=self.rule.name, resource=resource.label)
        if verdict.outcome is Outcome.VIOLATION and exemption is not None:
            if exemption.expired(self.recorder.today):
                expired = f"its exemption, owned by {exemption.owner}, expired on {exemption.expires}"
                verdict = Verdict(Outcome.VIOLATION, (*verdict.messages, expired))
            else:
                others = tuple(each for each in verdict.messages if not exemption.covers(each))
                verdict = Verdict(Outcome.VIOLATION, others) if others else Verdict(Outcome.WAIVED, verdict.messages)
        self.recorder.result(self.rule, resource, verdict, exemption if verdict.outcome is Outcome.WAIVED else None)
        if verdict.outcome is Outcome.VIOLATION:
            for message in verdict.messages:
                report(self.rule.explain(resource, message), resource.urn)
        return verdict, unknown
