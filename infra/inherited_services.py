"""What the organisation runs for this account, as a resource: so previews show it, and the policy pack reads it."""

from dataclasses import dataclass

import pulumi

from infra.config_types import Inherited


@dataclass(frozen=True)
class InheritedServicesArgs:
    """The declarations, by the service's name as the stack's file writes it."""

    inherited: Inherited


class InheritedServices(pulumi.ComponentResource):
    """Makes nothing. Its input and output `services` maps each declared service to `by` and `answers`.

    A rule of the policy pack that misses a service looks here before it calls that a violation.
    """

    def __init__(self, name: str, args: InheritedServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = {"services": args.inherited.model_dump(by_alias=True, exclude_none=True)}
        super().__init__("inference:audit:InheritedServices", name, declared, opts)
        self.register_outputs(declared)
