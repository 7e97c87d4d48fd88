"""The AWS account that moto emulates beside a cluster: started, asked, and described to the engine and the program."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.aws import certificates, server
from local.aws.api import Api
from local.clusters import Cluster
from local.node.addresses import AWS_PORT
from local.paths import REPO

NUMBER = "123456789012"
"""The account that moto answers for."""
REGION = "us-east-1"


@dataclass(frozen=True)
class EmulatedAccount:
    """One emulated account for one cluster; `state` is the folder of its process."""

    state: Path
    cluster: Cluster

    @property
    def endpoint(self) -> str:
        """Where its API answers, for this machine and for pods."""
        return f"https://{self.cluster.host_address}:{AWS_PORT}"

    @property
    def api(self) -> Api:
        """Its API, as the table of resource types uses it."""
        return Api(endpoint=self.endpoint, ca_certificate=str(self.cluster.ca_certificate), region=REGION)

    def start(self) -> None:
        """Start it where it does not run; it is empty then."""
        certificate, key = self.cluster.issue_server_certificate("aws")
        server.start(
            self.state,
            address=self.cluster.host_address,
            port=AWS_PORT,
            certificate=certificate,
            key=key,
            ca_certificate=self.cluster.ca_certificate,
        )

    def running(self) -> bool:
        """Whether it runs."""
        return server.running(self.state)

    def stop(self) -> None:
        """End it; what is in it is lost."""
        server.stop(self.state)

    def environment(self) -> tuple[tuple[str, str], ...]:
        """What leads the engine's AWS plugin here, and nowhere else."""
        return (
            ("AWS_ENDPOINT_URL", self.endpoint),
            ("AWS_CA_BUNDLE", str(self.cluster.ca_certificate)),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "emulated"),
            ("AWS_SECRET_ACCESS_KEY", "emulated"),
        )

    def values(self, stack: str) -> dict[str, Any]:
        """What the configuration of `stack` must say to be applied here, by full key."""
        configured = yaml.safe_load((REPO / f"Pulumi.{stack}.yaml").read_text())["config"]
        return {
            "aws:region": REGION,
            "inference:edge": {**configured["inference:edge"], "certificateId": self._certificate_id()},
            "inference:kubeconfig": str(self.cluster.kubeconfig),
            "inference:awsEndpointUrl": self.endpoint,
            "inference:awsCaBundle": self.cluster.ca_certificate.read_text(),
        }

    def _certificate_id(self) -> str:
        certificate, key = self.cluster.issue_server_certificate("edge")
        return certificates.imported(
            self.endpoint,
            region=REGION,
            ca_certificate=self.cluster.ca_certificate,
            certificate=certificate,
            key=key,
        )
