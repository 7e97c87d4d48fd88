"""The three serving paths, together."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.config import StackConfig
from infra.config_types import ImageDigests
from infra.registry import ImageRepositories
from infra.workloads.audit_collector import AuditCollector, AuditCollectorArgs, AuditDestination
from infra.workloads.fastapi_svc import FastApiService, FastApiServiceArgs
from infra.workloads.gateway import Gateway, GatewayArgs
from infra.workloads.model_delivery import ModelSource
from infra.workloads.triton import Triton, TritonArgs


@dataclass(frozen=True)
class ServingArgs:
    """The images by digest, where they are, the model that they serve, where records go, and the balancer's subnets."""

    config: StackConfig
    images: ImageRepositories
    digests: ImageDigests
    model: ModelSource
    audit: AuditDestination
    edge_cidrs: Sequence[str]


class Serving(pulumi.ComponentResource):
    """FastAPI with the model in process, Triton, the gateway before Triton, and what collects the gateway's records."""

    def __init__(self, name: str, args: ServingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Serving", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        config, size, digests, image = args.config, args.config.workloads, args.digests, args.images.image
        FastApiService(
            "fastapi-svc",
            FastApiServiceArgs(image("fastapi-svc", digests.fastapi_svc), size.fastapi_svc, args.model),
            here,
        )
        triton = Triton(
            "triton",
            TritonArgs(
                image("triton", digests.triton),
                proxy_image=image("tls-proxy", digests.tls_proxy),
                size=size.triton,
                accelerator=config.triton_accelerator,
                model=args.model,
            ),
            here,
        )
        Gateway(
            "gateway",
            GatewayArgs(
                image("gateway", digests.gateway),
                size.gateway,
                config.auth,
                triton_url=triton.balanced_url,
                edge_cidrs=args.edge_cidrs,
                documented=config.aws_endpoint_url is not None,  # where AWS is emulated, on a developer's machine
            ),
            here,
        )
        AuditCollector("audit-collector", AuditCollectorArgs(image("gateway", digests.gateway), args.audit), here)
        self.register_outputs({})
