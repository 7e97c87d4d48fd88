"""The inputs and outputs of AWS resource types, from the installed pulumi-aws package: the real provider's types."""

import importlib
import inspect
import sys
import threading
import typing
import warnings
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any

import pulumi
from pulumi import _types as pulumi_types

_import_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property: its type (a class, `Sequence[...]`, `Mapping[str, ...]` or a union) and whether it must be."""

    type: Any
    required: bool


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What one resource type takes and gives, by the engine's (camelCase) names."""

    inputs: Mapping[str, Field]
    outputs: Mapping[str, Field]


class UnknownTypeError(Exception):
    """pulumi-aws has no such resource type."""


@cache
def schema(token: str) -> Schema:
    """The schema of a type such as `aws:s3/bucket:Bucket`; raises UnknownTypeError where pulumi-aws has none."""
    resource = _resource_class(token)
    arguments = _arguments_class(resource)
    outputs = {
        name: Field(type=_strip(hint), required=not _optional(_inside_output(hint)))
        for name, hint in _hints(resource, pulumi_types.resource_py_to_pulumi_names(resource)).items()
        if name not in ("id", "urn")
    }
    return Schema(inputs=fields(arguments), outputs=outputs)


def _resource_class(token: str) -> Any:
    _, module, name = token.split(":")
    # Under a lock, because pulumi-aws loads its modules lazily; its deprecated types warn when they are imported.
    with _import_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            resource = getattr(importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)
        except (ModuleNotFoundError, AttributeError):
            raise UnknownTypeError(token) from None
    if getattr(resource, "pulumi_type", None) != token:
        raise UnknownTypeError(token)
    return resource


def _arguments_class(resource: Any) -> Any:
    """`<Name>InitArgs` where an input object of another type is called `<Name>Args` already, else `<Name>Args`."""
    module = sys.modules[resource.__module__]
    return getattr(module, f"{resource.__name__}InitArgs", None) or getattr(module, f"{resource.__name__}Args")


@cache
def fields(kind: type) -> Mapping[str, Field]:
    """The properties of an input or output class of pulumi-aws (`ClusterVpcConfigArgs`, …), by engine name."""
    names = (
        pulumi_types.input_type_py_to_pulumi_names(kind)
        if pulumi_types.is_input_type(kind)
        else {python: name for name, python in pulumi_types._pulumi_to_py_names_from_py_properties(kind).items()}
    )
    required = {
        names[parameter.name]
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.name in names
    }
    return {name: Field(type=_strip(hint), required=name in required) for name, hint in _hints(kind, names).items()}


def is_object(kind: Any) -> bool:
    """Whether a type is a class of pulumi-aws with properties of its own."""
    return isinstance(kind, type) and (pulumi_types.is_input_type(kind) or pulumi_types.is_output_type(kind))


def _hints(kind: Any, names: Mapping[str, str]) -> dict[str, Any]:
    scope = {"Output": pulumi.Output, "T": NoneType}
    found = {}
    for python, name in names.items():
        prop = inspect.getattr_static(kind, python)
        if isinstance(prop, property) and prop.fget is not None:
            module = sys.modules[kind.__module__].__dict__
            found[name] = typing.get_type_hints(prop.fget, globalns=module, localns=scope)["return"]
    return found


def _inside_output(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is pulumi.Output else hint


def _optional(hint: Any) -> bool:
    return NoneType in typing.get_args(hint)


def _strip(hint: Any) -> Any:
    """A hint without Output, Awaitable and None around and inside it."""
    hint = _inside_output(hint)
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        kept = [_strip(arg) for arg in typing.get_args(hint) if arg is not NoneType and not _deferred(arg)]
        return kept[0] if len(kept) == 1 else typing.Union[tuple(kept)]  # noqa: UP007
    if origin in (Sequence, list):
        return Sequence[_strip(typing.get_args(hint)[0])]  # type: ignore[misc]
    if origin in (Mapping, dict):
        return Mapping[str, _strip(typing.get_args(hint)[1])]  # type: ignore[misc]
    return hint


def _deferred(hint: Any) -> bool:
    return typing.get_origin(hint) in (Awaitable, pulumi.Output)
