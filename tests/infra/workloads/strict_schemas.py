"""Published schemas made strict: what a version of Kubernetes serves, and what is wrong with a manifest for it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator

Manifest = Mapping[str, Any]
_META = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
_INT_OR_STRING = {"type": ["integer", "string"]}
_QUANTITY = {
    "type": ["number", "string"],
    "pattern": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))?$",
}


class Api:
    """One version's kinds: its own, and those of CustomResourceDefinitions that are installed."""

    def __init__(self, definitions: Mapping[str, Any], crds: list[dict[str, Any]]) -> None:
        self._definitions = {name: _strict(schema) for name, schema in definitions.items()}
        self._definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = _QUANTITY
        self._kinds = {
            ("/".join(filter(None, (served["group"], served["version"]))), served["kind"]): name
            for name, schema in definitions.items()
            for served in schema.get("x-kubernetes-group-version-kind", ())
        }
        for crd in crds:
            self._install(crd["spec"])

    def _install(self, crd: dict[str, Any]) -> None:
        for version in crd["versions"]:
            served = (f"{crd['group']}/{version['name']}", crd["names"]["kind"])
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = _META
            self._kinds[served] = "/".join(served)
            self._definitions["/".join(served)] = schema

    def faults(self, manifest: Manifest) -> Iterator[str]:
        """What the API server would refuse: a kind that it does not serve, unknown and missing fields, wrong types."""
        name = self._kinds.get(_served(manifest))
        if name is None:
            yield f"{'/'.join(_served(manifest))} is not served"
            return
        schema = {"$ref": f"#/definitions/{name.replace('/', '~1')}", "definitions": self._definitions}
        for error in Draft4Validator(schema).iter_errors(manifest):
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"

    def deprecated(self, manifest: Manifest) -> Iterator[str]:
        """The kind where its description calls it deprecated, and each field in use whose description does."""
        name = self._kinds[_served(manifest)]
        if _calls_itself_deprecated(self._definitions[name]):
            yield "/".join(_served(manifest))
        yield from self._deprecated_fields(manifest, {"$ref": f"#/definitions/{name}"})

    def _deprecated_fields(self, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
        name = schema.get("$ref", "").removeprefix("#/definitions/")
        schema = self._definitions[name] if name else schema
        if isinstance(value, list):
            for item in value:
                yield from self._deprecated_fields(item, schema.get("items") or {})
        elif isinstance(value, dict):
            for key, item in value.items():
                field = (schema.get("properties") or {}).get(key) or schema.get("additionalProperties") or {}
                if _calls_itself_deprecated(field):
                    yield f"{name.rpartition('.')[2]}.{key}"
                yield from self._deprecated_fields(item, field)


def _served(manifest: Manifest) -> tuple[str, str]:
    return manifest["apiVersion"], manifest["kind"]


def _calls_itself_deprecated(schema: Mapping[str, Any]) -> bool:
    return re.search("deprecated", schema.get("description", ""), re.IGNORECASE) is not None


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without room for fields that it does not name, except where it says that it keeps them."""
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return dict(_INT_OR_STRING)
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {name: _strict(field) for name, field in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), Mapping):
            made[name] = _strict(made[name])
    return made
