"""One thing that is left, and the stack that it may be of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.operations.accounts import AwsAccount
from infra.operations.stacks import StackFile


@dataclass(frozen=True)
class Leftover:
    """A resource by its ARN; `excused` says why it is there on purpose, or only for some time more."""

    arn: str
    excused: str | None = None

    @property
    def kind(self) -> str:
        """Service and type, as in the ARN: `ec2:network-interface`."""
        _, _, service, _, _, resource = self.arn.split(":", 5)
        return service if service in ("s3", "sns") else f"{service}:{resource.replace(':', '/').split('/')[0]}"


@dataclass(frozen=True)
class Search:
    """Where to look, for what: resources of `stack` in `account`."""

    account: AwsAccount
    stack: StackFile

    @property
    def tags(self) -> Mapping[str, str]:
        """What the provider puts on everything of the stack that takes tags."""
        return {"project": "inference", "environment": self.stack.environment}

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Any]:
        """The responses of an operation that answers in pages."""
        yield from self.account.client(service).get_paginator(operation).paginate(**parameters)

    def arn(self, service: str, resource: str, *, in_region: bool = True) -> str:
        """ARN of a resource of this account."""
        account = self.account
        return f"arn:{account.partition}:{service}:{account.region if in_region else ''}:{account.id}:{resource}"

    def is_its_own(self, tags: Sequence[Mapping[str, str]]) -> bool:
        """Whether something whose name begins with the stack's may be the stack's.

        `inference-dev-…` is a resource of `dev`, or one of an environment called `dev-…`, which its tag then says.
        """
        environments = [tag["Value"] for tag in tags if tag["Key"] == "environment"]
        return environments in ([], [self.stack.environment])


Finder = Callable[[Search], Iterator[Leftover]]
