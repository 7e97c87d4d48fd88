"""The echo provider with a schema, which programs in YAML are checked against: `python provider.py aws` or `kubernetes`.

Of AWS it has the types and properties that pulumi-aws has, of Kubernetes those that the programs here use.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from pulumi.runtime.proto import provider_pb2

from local.aws.schema import schema
from policies.checkov.accepting_provider import serve
from tests.policies.echo_provider import EchoProvider

ANY = {"$ref": "pulumi.json#/Any"}
OBJECT = ("metadata", "spec")


class TypedEchoProvider(EchoProvider):
    """Answers for one package, and says which types and properties it has."""

    def __init__(self, package: str) -> None:
        self._package = package

    def GetSchema(self, request: Any, context: Any) -> Any:
        resources = {kind: _resource(kind) for kind in _types() if kind.startswith(f"{self._package}:")}
        written = {"name": self._package, "version": "1.0.0", "resources": resources}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(written))


def _types() -> set[str]:
    """The types of every program in YAML here, by full name."""
    programs = (yaml.safe_load(file.read_text()) for file in Path(__file__).parent.glob("*/Pulumi.yaml"))
    return {_full(item["type"]) for program in programs for item in program.get("resources", {}).values()}


def _full(kind: str) -> str:
    """`aws:s3/bucket:Bucket` of the short `aws:s3:Bucket`; Kubernetes knows no short ones."""
    package, module, name = kind.split(":")
    return kind if package != "aws" or "/" in module else f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"


def _resource(kind: str) -> dict[str, Any]:
    if kind.startswith("kubernetes:"):
        return {"inputProperties": dict.fromkeys(OBJECT, ANY), "properties": dict.fromkeys(OBJECT, ANY)}
    found = schema(kind)
    return {
        "inputProperties": dict.fromkeys(found.inputs, ANY),
        "requiredInputs": [name for name, field in found.inputs.items() if field.required],
        "properties": dict.fromkeys(found.outputs, ANY),
    }


if __name__ == "__main__":
    serve(TypedEchoProvider(sys.argv[1]))
