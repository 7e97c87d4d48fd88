"""`make tunnel`, with stand-ins for the programs that it calls."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.operations import tunnel
from local.paths import REPO

ENDPOINT = "ABC123.gr7.us-east-1.eks.amazonaws.com"
KUBECONFIG = {
    "clusters": [{"name": "c", "cluster": {"server": f"https://{ENDPOINT}", "certificate-authority-data": "Q0E="}}],
    "users": [{"name": "c", "user": {"exec": {"command": "aws"}}}],
    "current-context": "c",
}
OUTPUTS: dict[str, Any] = {
    "tunnel_instance_id": "i-0123",
    "cluster_kubeconfig": json.dumps(KUBECONFIG),
    "region": "us-east-1",
}
# While the session is open, it copies the kubeconfig that it finds, with its permissions.
AWS = """#!/bin/sh
printf '%s\\n' "$@" > "$SAID/aws"
/bin/cp -p "$SAID"/tunnel/*.kubeconfig "$SAID/seen"
exit 3
"""
# An open session: as the plugin does, it ends in order on Ctrl-C.
HELD = """#!/bin/sh
trap 'echo closed; exit 0' INT
echo open
read never
"""
PULUMI = """#!/bin/sh
echo "$@" > "$SAID/pulumi"
/bin/cat "$SAID/outputs" && exit 0
echo "error: no stack named 'dev' found" >&2
exit 1
"""


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the stand-ins, which alone are on PATH, leave what they were told."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"aws": AWS, "pulumi": PULUMI, "session-manager-plugin": "#!/bin/sh\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("SAID", str(tmp_path))
    (tmp_path / "outputs").write_text(json.dumps(OUTPUTS))
    return tmp_path


def run(said: Path) -> int:
    """The command's exit status for the stack `dev`."""
    return tunnel.main(["dev"], folder=said / "tunnel")


def test_the_port_is_forwarded_to_the_private_endpoint(said: Path) -> None:
    """The session goes to the stack's instance, with the document that forwards, to the API server's 443."""
    assert run(said) == 3
    words = (said / "aws").read_text().splitlines()
    assert words[:2] == ["ssm", "start-session"]
    options = dict(word.removeprefix("--").split("=", 1) for word in words[2:])
    assert options["target"] == "i-0123"
    assert options["region"] == "us-east-1"
    assert options["document-name"] == "AWS-StartPortForwardingSessionToRemoteHost"
    parameters = json.loads(options["parameters"])
    assert (parameters["host"], parameters["portNumber"]) == ([ENDPOINT], ["443"])
    assert (said / "pulumi").read_text().split()[-2:] == ["--stack", "dev"]


def test_the_kubeconfig_leads_through_the_tunnel_and_verifies_the_server(said: Path) -> None:
    """It names loopback and the forwarded port, the endpoint's own name for TLS, and the cluster's authority."""
    run(said)
    cluster = json.loads((said / "seen").read_text())["clusters"][0]["cluster"]
    (word,) = [word for word in (said / "aws").read_text().splitlines() if word.startswith("--parameters=")]
    (port,) = json.loads(word.removeprefix("--parameters="))["localPortNumber"]
    assert cluster == {
        "server": f"https://127.0.0.1:{port}",
        "tls-server-name": ENDPOINT,
        "certificate-authority-data": "Q0E=",
    }
    assert "insecure-skip-tls-verify" not in cluster


def test_the_kubeconfig_is_private_and_goes_with_the_tunnel(said: Path) -> None:
    """Only its owner reads it, even where another file lay before, and a closed tunnel leaves none."""
    old = said / "tunnel" / "dev.kubeconfig"
    old.parent.mkdir()
    old.write_text("old")
    old.chmod(0o666)
    run(said)
    assert stat.S_IMODE((said / "seen").stat().st_mode) == 0o600
    assert not old.exists()


@pytest.mark.parametrize("program", tunnel.PROGRAMS)
def test_a_missing_program_is_named(said: Path, program: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence says which, and where it comes from; nothing is started."""
    (said / "bin" / program).unlink()
    assert run(said) == 1
    written = capsys.readouterr().err
    assert written.startswith(f"There is no {program} on PATH: install it (https://")
    assert written.count("\n") == 1
    assert not (said / "aws").exists()


def test_a_stack_without_a_tunnel_says_how_to_get_one(said: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key of the configuration is in the sentence."""
    (said / "outputs").write_text(json.dumps({**OUTPUTS, "tunnel_instance_id": None}))
    assert run(said) == 1
    assert "set inference:adminTunnel to true in Pulumi.dev.yaml" in capsys.readouterr().err


def test_a_stack_that_cannot_be_read_says_why(said: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pulumi's own last line is in the sentence."""
    (said / "outputs").unlink()
    assert run(said) == 1
    assert "no stack named 'dev' found" in capsys.readouterr().err


def test_ctrl_c_closes_the_session_in_order(said: Path) -> None:
    """The session is not killed under its plugin: it ends by itself, and then the kubeconfig goes."""
    (said / "bin" / "aws").write_text(HELD)
    program = (
        "import sys; from pathlib import Path; from infra.operations import tunnel;"
        "sys.exit(tunnel.main(['dev'], folder=Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, str(said / "tunnel")]
    with subprocess.Popen(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        while process.stdout.readline() != "open\n":
            assert process.poll() is None
        assert (said / "tunnel" / "dev.kubeconfig").exists()
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "closed\n"
    assert process.returncode == 0
    assert not (said / "tunnel" / "dev.kubeconfig").exists()
