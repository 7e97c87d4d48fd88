"""The load balancer's certificate is in the emulated account once, however often it is imported."""

from pathlib import Path

from local.aws.api import Api
from local.aws.certificates import imported
from local.node.pki import Authority, Identity


def test_a_certificate_is_imported_once(api: Api, tmp_path: Path) -> None:
    """A second import of the same certificate finds the first; another certificate gets an id of its own."""
    authority = Authority(tmp_path / "pki", "test")
    pairs = {
        name: authority.issue(
            Identity(name=name, common_name=name, dns=("inference.example.com",), server=True), tmp_path
        )
        for name in ("one", "other")
    }

    def run(name: str) -> str:
        certificate, key = pairs[name]
        return imported(api.endpoint, region=api.region, ca_certificate=certificate, certificate=certificate, key=key)

    assert run("one") == run("one")
    assert run("one") != run("other")
