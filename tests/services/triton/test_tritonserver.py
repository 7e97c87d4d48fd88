"""The launcher of the CPU image, with a stand-in for the server of the wheel."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from services.triton.tritonserver import command, environment

LAUNCHER = Path(__file__).parents[3] / "services" / "triton" / "tritonserver.py"
SHOW = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"pid": os.getpid(), "arguments": sys.argv[1:], "environment": dict(os.environ)}}))
sys.exit(3)
"""


def test_adds_the_backend_folder_before_the_callers_arguments() -> None:
    """The command line is NVIDIA's, and needs no backend folder of its own."""
    arguments = command(["--model-repository=/model"], site_packages=Path("/venv/site"), backends=Path("/backends"))
    assert arguments == [
        "/venv/site/pytriton/tritonserver/bin/tritonserver",
        "--backend-directory=/backends",
        "--model-repository=/model",
    ]


@pytest.mark.parametrize("named", [["--backend-directory=/mine"], ["--backend-directory", "/mine"]])
def test_leaves_a_named_backend_folder_alone(named: list[str]) -> None:
    """Both spellings of the option are the caller's to use."""
    assert command(named, site_packages=Path("/site"))[1:] == named


def test_puts_the_wheels_libraries_before_inherited_ones() -> None:
    """What the container set stays, after what the server needs."""
    made = environment(
        {"LD_LIBRARY_PATH": "/gpu", "PATH": "/bin", "MODEL_THREADS": "2"},
        prefix=Path("/venv"),
        site_packages=Path("/venv/site"),
    )
    libraries = made["LD_LIBRARY_PATH"].split(":")
    assert libraries[0] == "/venv/site/nvidia_pytriton.libs"
    assert libraries[-1] == "/gpu"
    assert made["PATH"] == "/venv/bin:/bin"
    assert made["MODEL_THREADS"] == "2"


def test_becomes_the_server(tmp_path: Path) -> None:
    """The server has the launcher's pid, its arguments and environment, and its exit status is the launcher's."""
    venv.create(tmp_path, with_pip=False)
    site_packages = next((tmp_path / "lib").iterdir()) / "site-packages"
    server = site_packages / "pytriton" / "tritonserver" / "bin" / "tritonserver"
    server.parent.mkdir(parents=True)
    server.write_text(SHOW)
    server.chmod(0o755)
    with subprocess.Popen(
        [tmp_path / "bin" / "python", LAUNCHER, "--http-port=1"], stdout=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        printed, _ = process.communicate(timeout=60)
    shown = json.loads(printed)
    assert process.returncode == 3
    assert shown["pid"] == process.pid
    assert shown["arguments"] == ["--backend-directory=/opt/tritonserver/backends", "--http-port=1"]
    assert shown["environment"]["PATH"].startswith(f"{tmp_path / 'bin'}:")
