"""Services that an account must have, from this stack or from somebody else whom the stack names."""

from collections.abc import Callable
from functools import wraps
from typing import Unpack

from policies.outcomes import Inheritance
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Facts, Findings, Inherited, NotApplicable, Rule, relation_rule

STACK = "pulumi:pulumi:Stack"
DECLARATIONS = "inference:audit:InheritedServices"
"""Component whose input `services` maps a service to `by` (who runs it) and `answers` (who answers for it)."""


def allow_inherited(stack: Stack, service: str) -> None:
    """Raises Inherited where the stack declares that somebody else runs `service`."""
    for declarations in stack.typed(DECLARATIONS):
        declared = declarations.block("services").get(service)
        if declared:
            raise Inherited(Inheritance(service=service, by=declared["by"], answers=declared["answers"]))


def service_rule(
    name: str, *types: str, service: str | None = None, **facts: Unpack[Facts]
) -> Callable[[Callable[[Resource, Stack], Findings]], Rule]:
    """Make a relation rule about something that must be there: a stack in AWS without any of `types` violates it.

    The function judges those that are there. Where there is none, the stack may declare who else runs `service`.
    """

    def register(check: Callable[[Resource, Stack], Findings]) -> Rule:
        @wraps(check)
        def present_and_right(resource: Resource, stack: Stack) -> Findings:
            return _present(stack, types, service) if resource.type == STACK else check(resource, stack)

        return relation_rule(name, STACK, *types, **facts)(present_and_right)

    return register


def _present(stack: Stack, types: tuple[str, ...], service: str | None) -> Findings:
    if any(stack.typed(*types)):
        raise NotApplicable("what it asks for is in the stack and judged there")
    if not any(item.type.startswith("aws:") for item in stack.resources):
        raise NotApplicable("applies to stacks with resources in AWS")
    missing = f"the stack has no {' or '.join(item.rpartition(':')[2] for item in types)}"
    if service is None:
        yield missing
        return
    allow_inherited(stack, service)
    yield f"{missing}, and does not declare who else runs {service}"
