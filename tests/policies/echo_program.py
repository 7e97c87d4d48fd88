"""A Pulumi program that registers the resources of resources.json, which lies beside it."""

import json
from pathlib import Path

import pulumi

from infra.config_types import Inherited
from infra.inherited_services import InheritedServices, InheritedServicesArgs

made: dict[str, pulumi.CustomResource] = {}
for entry in json.loads((Path(__file__).parent / "resources.json").read_text()):
    if entry["type"] == "inference:audit:InheritedServices":
        InheritedServices(entry["name"], InheritedServicesArgs(Inherited.model_validate(entry["props"]["services"])))
        continue
    references = {key: made[source].id for key, source in entry["from"].items()}
    made[entry["name"]] = pulumi.CustomResource(entry["type"], entry["name"], {**entry["props"], **references})
