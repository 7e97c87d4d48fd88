"""What all Dockerfiles of the services have in common."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
DOCKERFILES = sorted(path for folder in ("loadtests", "services") for path in (REPO / folder).rglob("Dockerfile*"))


def test_there_is_one_for_each_image_and_one_for_gpu_nodes() -> None:
    """None vanishes unseen."""
    assert [str(path.relative_to(REPO)) for path in DOCKERFILES] == [
        "loadtests/Dockerfile",
        "services/fastapi_svc/Dockerfile",
        "services/gateway/Dockerfile",
        "services/tls_proxy/Dockerfile",
        "services/triton/Dockerfile",
        "services/triton/Dockerfile.cpu",
    ]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_runs_as_an_unprivileged_user_without_a_shell(path: Path) -> None:
    """The last stage ends as 65532, and what starts it is a list of arguments."""
    last_stage = path.read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last_stage, re.MULTILINE) == ["65532:65532"]
    assert re.search(r'^ENTRYPOINT \["', last_stage, re.MULTILINE)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_installs_only_what_a_hashed_lock_names(path: Path) -> None:
    """Every install checks hashes, and every lock has at least one for each package."""
    text = path.read_text()
    installs = re.findall(r"pip[^\n]*install[^\n]*", text.replace("\\\n", " ").replace('", "', " "))
    assert installs
    assert all("--require-hashes" in install for install in installs)
    for lock in re.findall(r"requirements/\S+\.lock", text):
        packages = re.split(r"\n(?=\S)", (REPO / lock).read_text())
        pinned = [package for package in packages if "==" in package.splitlines()[0]]
        assert pinned
        assert all("--hash=sha256:" in package for package in pinned)


def test_both_triton_images_have_the_model_runtime() -> None:
    """The same model.py runs in both: ONNX Runtime, tokenizers, and boto3 for the init container."""
    for lock, runtime in (("triton.lock", "onnxruntime"), ("triton-gpu.lock", "onnxruntime-gpu")):
        names = re.findall(r"^([\w.-]+)==", (REPO / "requirements" / lock).read_text(), re.MULTILINE)
        assert {runtime, "tokenizers", "numpy", "boto3"} <= set(names)
