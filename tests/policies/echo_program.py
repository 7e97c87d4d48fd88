"""A Pulumi program that registers the resources of resources.json, which lies beside it."""

import json
from pathlib import Path

import pulumi

made: dict[str, pulumi.CustomResource] = {}
for entry in json.loads((Path(__file__).parent / "resources.json").read_text()):
    references = {key: made[source].id for key, source in entry["from"].items()}
    made[entry["name"]] = pulumi.CustomResource(entry["type"], entry["name"], {**entry["props"], **references})
