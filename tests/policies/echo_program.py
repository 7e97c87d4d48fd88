"""A Pulumi program that registers the resources of resources.json, which lies beside it; `secret` names properties."""

import json
from pathlib import Path
from typing import Any

import pulumi

from infra.config_types import Inherited
from infra.inherited_services import InheritedServices, InheritedServicesArgs


class Echo(pulumi.CustomResource):
    """Any resource. Of a class of its own, the SDK tells the engine which line makes it."""

    def __init__(self, kind: str, name: str, properties: dict[str, Any]) -> None:
        super().__init__(kind, name, properties)


made: dict[str, Echo] = {}
for entry in json.loads((Path(__file__).parent / "resources.json").read_text()):
    if entry["type"] == "inference:audit:InheritedServices":
        InheritedServices(entry["name"], InheritedServicesArgs(Inherited.model_validate(entry["props"]["services"])))
        continue
    references = {key: made[source].id for key, source in entry["from"].items()}
    secrets = {key: pulumi.Output.secret(entry["props"][key]) for key in entry.get("secret", ())}
    properties = {**entry["props"], **references, **secrets}
    made[entry["name"]] = Echo(entry["type"], entry["name"], properties)
