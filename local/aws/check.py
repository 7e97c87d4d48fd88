"""What the engine's Check asks: are these inputs right, and which names does the provider choose?"""

import difflib
import random
from collections.abc import Mapping
from typing import Any

from botocore.validate import ParamValidator
from pulumi.runtime.proto import provider_pb2 as pb

from local.aws.codec import Unknown, holds, plain
from local.aws.lifecycle import Lifecycle
from local.aws.mapper import EnumError
from local.aws.resource import Resource
from local.aws.schema import UnknownTypeError, schema
from local.aws.validation import Failure, check

_DEFAULTS = "__defaults"  # the inputs that the provider chose; pulumi-aws keeps the same list under this name
_SUFFIX_DIGITS = 7


def check_inputs(
    lifecycle: Lifecycle | None,
    token: str,
    news: Mapping[str, Any],
    olds: Mapping[str, Any],
    *,
    name: str,
    seed: bytes,
    autonaming: Any,
) -> tuple[dict[str, Any], list[Failure]]:
    """The inputs with automatic names, and all that is wrong with them; `lifecycle` is None for an unsupported type."""
    try:
        failures = check(news, schema(token).inputs)
    except UnknownTypeError:
        return dict(news), [Failure("", "pulumi-aws has no such resource type")]
    if lifecycle is None:
        return dict(news), [
            Failure("", "the emulator does not have this resource type; `python -m local.aws.types` lists those it has")
        ]
    inputs = _named(lifecycle.resource, news, olds, name, seed, autonaming)
    return inputs, failures or _refused(lifecycle, inputs)


def _named(
    resource: Resource, news: Mapping[str, Any], olds: Mapping[str, Any], name: str, seed: bytes, autonaming: Any
) -> dict[str, Any]:
    field, inputs = resource.autoname, {key: value for key, value in news.items() if key != _DEFAULTS}
    if field is None or inputs.get(field) is not None:
        return inputs
    if prefix := inputs.get(f"{field}Prefix"):
        chosen = prefix if isinstance(prefix, Unknown) else f"{prefix}{_digits(seed)}"
    else:
        chosen = resource.name_pattern(f"{name}-{_digits(seed)}")
    if (
        autonaming is not None
        and autonaming.proposed_name
        and autonaming.mode != pb.CheckRequest.AutonamingOptions.DISABLE
    ):
        chosen = autonaming.proposed_name
    return {**inputs, field: olds.get(field, chosen), _DEFAULTS: [field]}


def _digits(seed: bytes) -> str:
    return f"{random.Random(seed).getrandbits(4 * _SUFFIX_DIGITS):0{_SUFFIX_DIGITS}x}"  # noqa: S311 - a name, no secret


def _refused(lifecycle: Lifecycle, inputs: Mapping[str, Any]) -> list[Failure]:
    """What botocore's model of the create call says against the inputs, as far as they are known."""
    try:
        arguments = lifecycle.arguments({k: plain(v) for k, v in inputs.items() if not holds(Unknown, v)})
    except EnumError as error:
        near = difflib.get_close_matches(error.value, error.choices, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"it must be one of {', '.join(error.choices[:20])}"
        return [Failure(error.path, f"input '{error.path}' is '{error.value}' — {hint}")]
    resource = lifecycle.resource
    shape = lifecycle.api.shape(resource.service, resource.create.operation)
    report = ParamValidator().validate(arguments, shape)
    return [
        Failure("", " ".join(line.split()))
        for line in report.generate_report().splitlines()
        if not line.startswith("Missing required") or not any(holds(Unknown, value) for value in inputs.values())
    ]
