"""The pack as a plugin of the Pulumi engine: one policy for each rule.

The SDK's own server reads the properties of a resource anew for each policy, and those of the whole stack for each
policy about the stack. This one reads each once and asks only the rules that are about it; the rest is the SDK's.
"""

import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy.policy import _GRPC_CHANNEL_OPTIONS, _PolicyAnalyzerServicer

from policies import PACK_NAME, PACK_VERSION
from policies.outcomes import Outcome
from policies.pack import Pack
from policies.record import Mode
from policies.requests import resource_of, stack_of
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Rule, Scope

WORKERS = 4
LOWERED = (EnforcementLevel.ADVISORY, EnforcementLevel.DISABLED)
NOT_JUDGED = "not judged in this run, which left the resource alone (as with --target)"


class _ResourcePolicy(ResourceValidationPolicy):
    """What the engine is told of a rule about single resources; Analyzer carries it out."""


class _StackPolicy(StackValidationPolicy):
    """What the engine is told of a rule about relations; Analyzer carries it out."""


def policy_of(rule: Rule) -> Policy:
    """The engine's description of a rule."""
    kind: Callable[..., Policy] = _StackPolicy if rule.scope is Scope.RELATION else _ResourcePolicy
    return kind(
        rule.name,
        rule.description,
        severity=Severity(rule.severity.value),
        framework=PolicyComplianceFramework(
            name="HIPAA Security Rule", reference="45 CFR 164 Subpart C", specification=rule.controls()[0]
        ),
        tags=list(rule.controls()),
        remediation_steps=rule.remediation,
        url=rule.link,
    )


class Analyzer(_PolicyAnalyzerServicer):
    """Answers the engine. The inputs that it shows before it touches a resource are kept for rules about relations."""

    def __init__(self, pack: Pack) -> None:
        self._pack, self._mode, self._stack = pack, Mode.STATE, ""
        self._policies = {rule.name: policy_of(rule) for rule in pack.rules}
        self._levels = dict.fromkeys(self._policies, EnforcementLevel.MANDATORY)
        self._judged: dict[str, Resource] = {}
        self._by_type: dict[str, tuple[list[Rule], Any]] = {}
        super().__init__(PACK_NAME, PACK_VERSION, [*self._policies.values()], EnforcementLevel.MANDATORY)
        self._begin()

    def _begin(self) -> None:
        lowered = {name: level.value for name, level in self._levels.items() if level in LOWERED}
        self._pack.begin(mode=self._mode, stack=self._stack, enforcement=lowered)

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Hear which stack it is and whether changes are only previewed; an analysis of a state begins without this."""
        self._mode, self._stack = Mode.PREVIEW if request.dry_run else Mode.UP, request.stack
        return super().ConfigureStack(request, context)

    def Configure(self, request: Any, context: Any) -> Any:
        """Take each rule's level of enforcement from the engine's configuration of the pack, and begin the record."""
        answer = super().Configure(request, context)  # type: ignore[no-untyped-call]
        self._levels = {name: self._get_enforcement_level(policy) for name, policy in self._policies.items()}
        self._by_type.clear()
        self._begin()
        return answer

    def Remediate(self, request: Any, context: Any) -> Any:
        """No rule changes a resource."""
        return analyzer_pb2.RemediateResponse()

    def Analyze(self, request: Any, context: Any) -> Any:
        """Judge one resource by its inputs."""
        resource = resource_of(request)
        self._judged[resource.urn] = resource
        rules, response = self._about(resource.type)
        alone = Stack([resource])
        for rule in rules:
            self._judge(response, rule, [resource], alone)
        return response

    def _about(self, kind: str) -> tuple[list[Rule], Any]:
        """The rules about single resources of this type, and a response that says of all others that they do not apply."""
        if kind not in self._by_type:
            rules = [*self._enforced(Scope.RESOURCE)]
            others = [_not_applicable(rule) for rule in rules if kind not in rule.types]
            response = analyzer_pb2.AnalyzeResponse(not_applicable=others)
            self._by_type[kind] = ([rule for rule in rules if kind in rule.types], response)
        rules, response = self._by_type[kind]
        answer = analyzer_pb2.AnalyzeResponse()
        answer.CopyFrom(response)
        return rules, answer

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        """Judge relations between all resources, and record what rules say nothing about and what was not judged."""
        response = analyzer_pb2.AnalyzeResponse()
        stack = stack_of(request, {urn: resource.props for urn, resource in self._judged.items()})
        for rule in self._enforced(Scope.RELATION):
            self._judge(response, rule, list(stack.typed(*rule.types)), stack)
        for rule in self._enforced(Scope.RESOURCE):
            for resource in stack.typed(*rule.types):
                if resource.urn not in self._judged:
                    self._pack.miss(rule, resource, NOT_JUDGED)
        self._pack.leave_out([*self._enforced(*Scope)], stack)
        return response

    def _enforced(self, *scopes: Scope) -> Iterator[Rule]:
        levels = self._levels
        return (
            rule
            for rule in self._pack.rules
            if rule.scope in scopes and levels[rule.name] is not EnforcementLevel.DISABLED
        )

    def _judge(self, response: Any, rule: Rule, resources: list[Resource], stack: Stack) -> None:
        """Say to the engine what a rule comes to for these resources: an unknown value is said once."""
        decided = [(resource, *self._pack.decide(rule, resource, stack)) for resource in resources]
        for resource, verdict, _ in decided:
            if verdict.outcome is Outcome.VIOLATION:
                for message in verdict.messages:
                    self._report(response, rule, rule.explain(resource, message), resource.urn)
        if unknown := next((unknown for _, _, unknown in decided if unknown is not None), None):
            self._report(response, rule, f"cannot be judged during a preview: {unknown.message}", "", advisory=True)
        if all(verdict.outcome is Outcome.NOT_APPLICABLE for _, verdict, _ in decided):
            response.not_applicable.append(_not_applicable(rule))

    def _report(self, response: Any, rule: Rule, message: str, urn: str, *, advisory: bool = False) -> None:
        level = self._levels[rule.name]
        if advisory:
            level = EnforcementLevel.ADVISORY
        elif level is EnforcementLevel.REMEDIATE:
            level = EnforcementLevel.MANDATORY  # nothing is remedied
        say = self._create_report_violation(response, rule.name, rule.description, level, Severity(rule.severity.value))
        say(message, urn)


def _not_applicable(rule: Rule) -> Any:
    return analyzer_pb2.PolicyNotApplicable(policy_name=rule.name)


def serve(analyzer: Analyzer) -> None:
    """Answer the engine, which reads the port from standard output, until it ends this process."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=WORKERS), options=_GRPC_CHANNEL_OPTIONS)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:  # how the engine ends its plugins; it waits for them for seconds
        server.stop(None)
