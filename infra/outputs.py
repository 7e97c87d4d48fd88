"""What the stack says about itself when it is up."""

import pulumi

from infra.config import StackConfig
from infra.config_types import Addresses
from infra.registry import LOADTEST_IMAGE, ImageRepositories
from infra.workloads.fastapi_svc import FastApiService
from infra.workloads.triton import Triton


def addresses(config: StackConfig) -> dict[str, str]:
    """Addresses of the three paths: the configured ones, or the load balancer's name and those inside the cluster."""
    configured: Addresses | None = config.addresses
    if configured:
        return {
            "gateway_url": configured.gateway,
            "fastapi_url": configured.fastapi,
            "triton_http_url": configured.triton_http,
            "triton_grpc_url": configured.triton_grpc,
        }
    return {
        "gateway_url": f"https://{config.edge.domain_name}",
        "fastapi_url": FastApiService.url,
        "triton_http_url": Triton.http_url,
        "triton_grpc_url": Triton.grpc_url,
    }


def load_test(config: StackConfig, images: ImageRepositories) -> dict[str, pulumi.Output[str]]:
    """The image of the Job that loads the gateway from within the cluster, where there is a caller for it."""
    digest = config.image_digests.k6 if config.image_digests else None
    if not (config.auth.load_tested and digest):
        return {}
    return {"loadtest_image": images.image(LOADTEST_IMAGE, digest)}


def export(values: dict[str, pulumi.Input[object]]) -> None:
    """Exports each value under its name."""
    for name, value in values.items():
        pulumi.export(name, value)
