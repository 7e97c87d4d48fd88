"""What is started for a Service of a cluster that is not ours, and that all of it ends."""

from pathlib import Path

from local import forward
from local.node.addresses import FORWARDS, Forward
from local.processes import Process

ENCRYPTED = Forward(28080, "gateway", "gateway", 8443, tls=True)
PLAIN = Forward(28081, "fastapi-svc", "inference", 8080)
KUBECONFIG = Path("kubeconfig")


def test_before_a_service_that_speaks_tls_stands_what_encrypts() -> None:
    """Clients find the clear port where it is on every cluster; kubectl's lies behind it."""
    assert forward.commands(ENCRYPTED, KUBECONFIG) == {
        "forward-28080": ["local.forward", "kubeconfig", "gateway", "gateway", "29080", "8443"],
        "reencryption-28080": ["local.reencryption", "28080", "29080"],
    }


def test_a_service_without_tls_is_forwarded_as_it_is() -> None:
    """kubectl's port is the client's."""
    assert forward.commands(PLAIN, KUBECONFIG) == {
        "forward-28081": ["local.forward", "kubeconfig", "inference", "fastapi-svc", "28081", "8080"]
    }


def test_everything_that_was_started_ends(tmp_path: Path) -> None:
    """Both processes of the encrypted target run after a start, and none after a stop."""
    processes = [Process(name=name, directory=tmp_path) for name in forward.commands(ENCRYPTED, KUBECONFIG)]
    forward.start(tmp_path, tmp_path / "kubeconfig", [ENCRYPTED])
    try:
        assert all(process.pid() for process in processes)
    finally:
        forward.stop(tmp_path, [ENCRYPTED])
    assert not any(process.pid() for process in processes)
    assert not list(tmp_path.glob("*.pid"))


def test_no_two_processes_want_one_port() -> None:
    """kubectl's ports that lie behind others are none that clients use."""
    ports = [command[-2] for target in FORWARDS for command in forward.commands(target, KUBECONFIG).values()]
    assert len(set(ports)) == len(ports)
