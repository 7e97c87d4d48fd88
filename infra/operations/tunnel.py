"""`python -m infra.operations.tunnel STACK`: kubectl from a machine outside the VPC, until Ctrl-C.

Systems Manager forwards a port of this machine's loopback to the cluster's private endpoint, through the instance of
`infra/tunnel.py`. Whoever calls it needs the policy `<stack>-tunnel-user`, and an access entry of the cluster. While it
runs, build/tunnel/STACK.kubeconfig leads through it; `inference:kubeconfig` may name that file for `pulumi up`.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.model_repository import REPO
from infra.tunnel import FORWARDING

OUTPUTS = ("tunnel_instance_id", "cluster_kubeconfig", "region")
"""What it reads of the stack; `cluster_kubeconfig` is the one for the private endpoint, whatever is configured."""
PROGRAMS = {
    "pulumi": "https://www.pulumi.com/docs/iac/download-install/",
    "aws": "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    "session-manager-plugin": "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "session-manager-working-with-install-plugin.html",
}
"""Programs that must be on PATH, and where they come from."""


class TunnelError(Exception):
    """Why there is no tunnel, in one sentence that names the remedy."""


def main(arguments: list[str] | None = None, *, folder: Path = REPO / "build" / "tunnel") -> int:
    """Exit status of the session, or 1 with one sentence on standard error. The kubeconfig goes when the session ends."""
    parser = argparse.ArgumentParser(prog="python -m infra.operations.tunnel", description=__doc__)
    parser.add_argument("stack")
    stack: str = parser.parse_args(arguments).stack
    try:
        require_programs()
        outputs = stack_outputs(stack)
    except TunnelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    cluster, port = json.loads(outputs["cluster_kubeconfig"]), free_port()
    with private_file(folder / f"{stack}.kubeconfig", json.dumps(through_tunnel(cluster, port), indent=2)) as path:
        sys.stdout.write(f"KUBECONFIG={path}\nOpen until Ctrl-C.\n")
        sys.stdout.flush()
        return hold(session_command(outputs, endpoint_host(cluster), port))


def require_programs() -> None:
    """Raises TunnelError for the first program that is not there."""
    for program, source in PROGRAMS.items():
        if shutil.which(program) is None:
            raise TunnelError(f"There is no {program} on PATH: install it ({source}).")


def stack_outputs(stack: str) -> Mapping[str, str]:
    """The outputs that are needed; TunnelError where the stack cannot be read or has no tunnel."""
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise TunnelError(f"The outputs of the stack {stack} cannot be read ({said}): see `{shlex.join(command)}`.")
    found = json.loads(done.stdout)
    if not found.get("tunnel_instance_id"):
        raise TunnelError(
            f"The stack {stack} has no tunnel: set inference:adminTunnel to true in Pulumi.{stack}.yaml and update it."
        )
    return {name: found[name] for name in OUTPUTS}


def endpoint_host(kubeconfig: Mapping[str, Any]) -> str:
    """Host name of the API server, which its certificate is for."""
    return str(urlsplit(kubeconfig["clusters"][0]["cluster"]["server"]).netloc)


def through_tunnel(kubeconfig: Mapping[str, Any], port: int) -> dict[str, Any]:
    """The same cluster behind `port` of loopback; the certificate is still verified, against the real name."""
    (named,) = kubeconfig["clusters"]
    server = {"server": f"https://127.0.0.1:{port}", "tls-server-name": endpoint_host(kubeconfig)}
    return {**kubeconfig, "clusters": [{**named, "cluster": {**named["cluster"], **server}}]}


def session_command(outputs: Mapping[str, str], host: str, port: int) -> list[str]:
    """The call of the AWS CLI that forwards `port` to the API server."""
    parameters = {"host": [host], "portNumber": ["443"], "localPortNumber": [str(port)]}
    return [
        "aws",
        "ssm",
        "start-session",
        f"--region={outputs['region']}",
        f"--target={outputs['tunnel_instance_id']}",
        f"--document-name={FORWARDING}",
        f"--parameters={json.dumps(parameters)}",
    ]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_file(path: Path, content: str) -> Iterator[Path]:
    """A file that only its owner reads (0600), gone at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def hold(command: list[str]) -> int:
    """Runs the session to its end and returns its exit status. Ctrl-C is the plugin's, which then closes the session."""
    # A handler of our own, unlike SIG_IGN, is not handed down to the plugin.
    interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    terminate = signal.getsignal(signal.SIGTERM)
    try:
        with subprocess.Popen(command) as session:
            signal.signal(signal.SIGTERM, lambda *_: session.terminate())
            return session.wait()
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)


if __name__ == "__main__":
    sys.exit(main())
