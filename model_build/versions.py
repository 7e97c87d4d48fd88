"""manifest.json of a built model, and two builds in one repository, served side by side.

Triton numbers the versions of a model; the manifest says which build each number is, under the name that the build gave it.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_build import card, manifest, repository
from model_build.errors import BuildError
from model_build.manifest import MANIFEST, ManifestError
from model_build.targets import TARGETS

_SAME = ("target", "labels", "max_tokens")
"""What one config.pbtxt says for all versions."""


def write(folder: Path, content: Mapping[str, Any]) -> str:
    """Write manifest.json and MODEL_CARD.md for the repository in `folder`; returns the version, which its files decide."""
    version = manifest.version(manifest.describe(folder))
    return _write(folder, {**content, "versions": {"1": {"version": version, "source": content["source"]}}})


def read(folder: Path) -> Mapping[str, Any]:
    """The whole manifest of a built model whose files are all as it says; raises BuildError."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest.check(folder, manifest.parse(raw))
        content: Mapping[str, Any] = json.loads(raw)
        content["versions"]["1"]["version"], content["target"]
    except (OSError, ManifestError, KeyError, TypeError) as error:
        raise BuildError(f"{folder} holds no whole model of this build: build one there first.") from error
    return content


def side_by_side(folder: Path, previous: Path) -> str:
    """Make the model in `folder` version 2 and put the newest in `previous` beside it as version 1; returns the version.

    Raises BuildError where the two cannot share a configuration.
    """
    new, old = read(folder), read(previous)
    for field in _SAME:
        if new[field] != old[field]:
            raise BuildError(f"{previous} has another {field.replace('_', ' ')}: build both for the same.")
    newest = max(old["versions"], key=int)
    for model in sorted((folder / "repository").iterdir()):
        (model / "1").rename(model / "2")
        shutil.copytree(previous / "repository" / model.name / newest, model / "1")
    repository.configure(folder, target=TARGETS[new["target"]], max_tokens=new["max_tokens"], versions=(1, 2))
    return _write(folder, {**new, "versions": {"1": old["versions"][newest], "2": new["versions"]["1"]}})


def _write(folder: Path, content: Mapping[str, Any]) -> str:
    files = manifest.describe(folder)
    version = manifest.version(files)
    listed = {path: {"sha256": file.sha256, "size": file.size} for path, file in files.items()}
    whole = {**content, "version": version, "files": listed}
    text = json.dumps(whole, indent=2)
    (folder / MANIFEST).write_text(text + "\n")
    (folder / "MODEL_CARD.md").write_text(card.render(whole))
    return version
