"""A policy as data: what it looks at, and what each rule calls wrong. Expressions are CEL, evaluated by the API server.

https://kubernetes.io/docs/reference/using-api/cel/
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

PART_OF_LABEL = "app.kubernetes.io/part-of"
PART_OF = "inference"
"""Namespaces with this label are the stack's."""

Expression = pulumi.Input[str]


@dataclass(frozen=True)
class Resources:
    """Resources (with subresources, as `pods/exec`) of one API group ("" is the core's)."""

    api_group: str
    names: Sequence[str]
    operations: Sequence[Literal["CREATE", "UPDATE", "CONNECT"]] = ("CREATE", "UPDATE")
    version: str = "v1"


@dataclass(frozen=True)
class Rule:
    """`offenders` is a list of strings that name what is wrong, and the rule holds while it is empty.

    `message` says what is wrong and what to do; `{}` in it are the offenders.
    """

    name: str
    offenders: Expression
    message: str

    @property
    def broken(self) -> str:
        """CEL for the message: the offenders in their place."""
        before, _, after = self.message.partition("{}")
        return f"{quoted(before)} + variables.{self.name}.join(', ') + {quoted(after)}"


@dataclass(frozen=True)
class Policy:
    """`variables` are CEL by name, each of which may use those before it; `conditions` say which requests are judged.

    `namespaces` names the only namespaces that it applies to, instead of all of the stack's; `everywhere` lifts that limit too.
    """

    name: str
    resources: Sequence[Resources]
    rules: Sequence[Rule]
    variables: Mapping[str, Expression] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    reason: Literal["Invalid", "Forbidden"] = "Invalid"
    namespaces: Sequence[str] = ()
    everywhere: bool = False


def quoted(value: object) -> str:
    """A literal of CEL: strings, numbers, lists and maps are written as in JSON."""
    return json.dumps(value)
