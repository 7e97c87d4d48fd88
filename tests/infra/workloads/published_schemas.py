"""What Kubernetes and cert-manager publish of their kinds, from the Go modules that the local node is built of.

Kept in the cache once read, so that neither the network nor the module is needed again.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.paths import CACHE
from local.toolchain.programs import PROGRAMS

_BUILT = {program.name: f"v{program.version}" for program in PROGRAMS}
KUBERNETES = {"1.34": "v1.34.4", "1.35": _BUILT["kube"]}
"""A release of each version that the configuration accepts; fields come and go with minor versions only."""
_FOLDER = CACHE / "schemas"


def kubernetes(version: str) -> dict[str, Any]:
    """The definitions of the OpenAPI document of Kubernetes `version`, such as 1.35."""
    release = KUBERNETES[version]
    cached = _FOLDER / f"kubernetes-{release}.json"
    if not cached.exists():
        document = json.loads(_module(f"k8s.io/kubernetes@{release}", "api/openapi-spec/swagger.json").read_text())
        _keep(cached, document["definitions"])
    definitions: dict[str, Any] = json.loads(cached.read_text())
    return definitions


def cert_manager() -> list[dict[str, Any]]:
    """The CustomResourceDefinitions of the cert-manager that the local node runs."""
    release = _BUILT["cert-manager"]
    cached = _FOLDER / f"cert-manager-{release}.json"
    if not cached.exists():
        folder = _module(f"github.com/cert-manager/cert-manager@{release}", "deploy/crds")
        _keep(cached, [yaml.safe_load(file.read_text()) for file in sorted(folder.glob("*.yaml"))])
    crds: list[dict[str, Any]] = json.loads(cached.read_text())
    return crds


def _module(module: str, path: str) -> Path:
    """`path` in the source of a module, fetched where it is not there yet; fails the test where it cannot be."""
    command = ["go", "mod", "download", "-json", module]
    try:
        with tempfile.TemporaryDirectory() as outside_any_module:
            done = subprocess.run(command, cwd=outside_any_module, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = json.loads(getattr(error, "stdout", None) or "{}").get("Error", error)
        pytest.fail(f"The schemas come from {module}: run this once with Go and a network. {said}")
    return Path(json.loads(done.stdout)["Dir"], path)


def _keep(cached: Path, content: object) -> None:
    """Writes in one step, so that a test that is killed leaves no half of a file."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    written = cached.with_suffix(".part")
    written.write_text(json.dumps(content))
    written.replace(cached)
