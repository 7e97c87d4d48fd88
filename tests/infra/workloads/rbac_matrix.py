"""The matrix of rights as single questions for an API server. Nothing here needs Pulumi: tests of a running stack ask too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_suffix(".yaml")
NOWHERE, YES = "\N{EN DASH}", True


@dataclass(frozen=True)
class Question:
    """May somebody who is in `groups` do this? `attributes` are those of a SubjectAccessReview."""

    action: str
    column: str
    attributes: Mapping[str, str]
    allowed: bool
    local: bool
    """Whether only the local stack has what it asks for."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of the one who asks, without `system:authenticated`, in which everybody is."""
        return () if self.column == "nobody" else (f"inference:{self.column}",)

    @property
    def review(self) -> dict[str, Any]:
        """As a SubjectAccessReview."""
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": {
                "user": "somebody",
                "groups": [*self.groups, "system:authenticated"],
                "resourceAttributes": dict(self.attributes),
            },
        }

    def __str__(self) -> str:
        where = self.attributes.get("namespace", "the cluster")
        return f"{self.column} may {self.action} in {where} ({self.attributes['verb']} {self.attributes['resource']})"


def questions() -> list[Question]:
    """Every cell of the matrix, each verb and resource on its own."""
    matrix = yaml.safe_load(_FILE.read_text())
    return [
        question
        for row in matrix["actions"]
        for column, cell in zip(matrix["columns"], row["may"], strict=True)
        for question in _of(row, column, cell, matrix["places"])
    ]


def _of(row: Mapping[str, Any], column: str, cell: str | bool, places: Mapping[str, list[str]]) -> Iterator[Question]:
    of_no_namespace = row.get("cluster", False) or YES in row["may"]
    asked = [None] if of_no_namespace else places[row.get("in", "everywhere")]
    allowed = [None] if cell is YES else [] if cell == NOWHERE else places[str(cell)]
    resources = row["resource"] if isinstance(row["resource"], list) else [row["resource"]]
    for namespace, verb, resource in product(asked, row["verbs"], resources):
        attributes = _attributes(row, verb, resource) | ({"namespace": namespace} if namespace else {})
        yield Question(row["do"], column, attributes, namespace in allowed, row.get("local", False))


def _attributes(row: Mapping[str, Any], verb: str, resource: str) -> dict[str, str]:
    name, _, subresource = resource.partition("/")
    given = {"group": row.get("group", ""), "subresource": subresource, "name": row.get("name", "")}
    return {"verb": verb, "resource": name, **{key: value for key, value in given.items() if value}}
