"""ConfigMaps that a workload mounts, and the files in them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import yaml

from policies.rules.pods import Pod
from policies.rules.resource import Resource, Stack

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The faster one, where PyYAML was built with it: configurations of Envoy are long."""
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def config_maps_of(workload: Resource, stack: Stack) -> list[Resource]:
    """By origin, because a preview does not know a name that the provider makes up; else by name."""
    if known := stack.origins(workload, CONFIG_MAP, of="spec"):
        return known
    volumes = Pod(workload).spec.get("volumes") or ()
    names = dict.fromkeys(name for item in volumes if (name := (item.get("configMap") or {}).get("name")))
    return [item for name in names for item in stack.where(CONFIG_MAP, "metadata.name", name)]


def files_with(word: str, config_map: Resource) -> Iterator[dict[str, Any]]:
    """What its JSON and YAML files hold that have this word in them, where that is an object.

    A file that cannot be read as YAML is passed over: it may be a template, and programs would not take it either.
    """
    for name, text in config_map.block("data").items():
        if name.endswith((".json", ".yaml", ".yml")) and word in text:
            with suppress(yaml.YAMLError):
                content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders; they read JSON too
                if isinstance(content, dict):
                    yield content


def values_of(value: Any, key: str) -> Iterator[Any]:
    """What stands under a key, anywhere in nested objects and lists."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from values_of(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from values_of(item, key)
