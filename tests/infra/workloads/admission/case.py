"""What is sent to the API server, and what it answers."""

import json
from dataclasses import dataclass

from tests.infra.workloads.admission_objects import REGISTRY, Manifest


@dataclass(frozen=True)
class Case:
    """An object to create. `policy` and a part of its message where it has to be refused; both empty where it is taken."""

    name: str
    object: Manifest
    policy: str = ""
    says: str = ""

    @property
    def path(self) -> str:
        """Where the API server takes objects of this kind."""
        version, kind, metadata = self.object["apiVersion"], self.object["kind"], self.object["metadata"]
        inside = f"namespaces/{metadata['namespace']}/" if "namespace" in metadata else ""
        return f"/{'apis' if '/' in version else 'api'}/{version}/{inside}{kind.lower()}s"

    def manifest(self, registry: str) -> Manifest:
        """The object with images of `registry`, which ends in `/`."""
        found: Manifest = json.loads(json.dumps(self.object).replace(REGISTRY, registry))
        return found
