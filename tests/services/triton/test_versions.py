"""Two builds of the model in one repository: each answers under the name that its own build gave it."""

import json
import shutil
from pathlib import Path

from tests.services.triton.test_model import module_of, request, stand_in, write_repository

NAMES = {"1": "0123456789ab", "2": "ba9876543210"}


def test_each_version_answers_under_its_own_name(tmp_path: Path) -> None:
    """Who asks for a version by Triton's number is told which build it was."""
    folder = write_repository(tmp_path)
    shutil.copytree(folder, folder.parent / "2")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    files = {path.replace("/1/", f"/{number}/"): file for path, file in manifest["files"].items() for number in NAMES}
    versions = {number: {"version": name} for number, name in NAMES.items()}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "both", "files": files, "versions": versions}))
    for number, name in NAMES.items():
        model = module_of(stand_in([])).TritonPythonModel()
        model.initialize({"model_repository": str(folder.parent), "model_version": number})
        (response,) = model.execute([request(b"good")])
        assert response.tensors["MODEL_VERSION"].tolist() == [[name.encode()]]
