"""NVIDIA Triton: batches requests of the gateway on a GPU, or on CPU where there is none.

Its own gRPC server reads a certificate once, at the start, so it listens on loopback, behind a sidecar that ends TLS.
"""

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.networking.v1 import NetworkPolicyIngressRuleArgs, NetworkPolicyPortArgs

from infra.config_types import WorkloadSize
from infra.workloads import certificates, namespaces, priorities
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.model_delivery import ModelDelivery, ModelSource
from infra.workloads.pod import Probes, field_variable, scratch
from infra.workloads.tls_proxy import DRAIN_S, TlsProxy, TlsProxyArgs

NAME = "triton"
PORTS = {"http": 8000, "grpc": 8001, "metrics": 8002}
"""At which its pods are reached. `grpc` takes a certificate of the gateway; no pod is admitted to `http`."""
GATEWAY_NAME = "gateway.gateway.svc.cluster.local"
"""What the certificate of the only caller says."""
EXIT_TIMEOUT_S = 30
"""How long requests that are under way have when it is told to stop: more than the gateway waits for any."""
_LOOPBACK_GRPC_PORT = 9001
# Each pod's own UID is the key to its administration: no client has it, and nothing secret stands in the arguments.
_ADMINISTRATION = "shared-memory,model-repository,statistics,trace,logging:administration-key=$(POD_UID)"
ARGUMENTS = (
    "--model-repository=/model/repository",
    "--model-control-mode=none",
    "--disable-auto-complete-config",
    "--exit-on-error=true",
    f"--exit-timeout-secs={EXIT_TIMEOUT_S}",
    "--strict-readiness=true",
    "--http-port=8000",
    "--grpc-address=127.0.0.1",
    f"--grpc-port={_LOOPBACK_GRPC_PORT}",
    "--metrics-port=8002",
    f"--http-restricted-api={_ADMINISTRATION}",
    f"--grpc-restricted-protocol={_ADMINISTRATION}",
)


def gpus_each(accelerator: Literal["none", "nvidia"]) -> int:
    """How many GPUs one pod asks for."""
    return 1 if accelerator == "nvidia" else 0


@dataclass(frozen=True)
class TritonArgs:
    """`accelerator` decides the node pool."""

    image: pulumi.Input[str]
    proxy_image: pulumi.Input[str]
    size: WorkloadSize
    accelerator: Literal["none", "nvidia"]
    model: ModelSource


class Triton(pulumi.ComponentResource):
    """Triton and its Services; only the gateway may call it, and only over gRPC with mutual TLS."""

    http_url: str = f"http://{NAME}.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['http']}"
    grpc_url: str = f"{NAME}.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['grpc']}"
    balanced_url: str = f"dns:///{NAME}-headless.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['grpc']}"
    """Resolves to every pod: a gRPC connection stays on one pod, so the client has to balance."""

    def __init__(self, name: str, args: TritonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Triton", name, None, opts)
        self._args, here = args, pulumi.ResourceOptions(parent=self)
        namespace = namespaces.INFERENCE
        model = ModelDelivery.of(NAME, args.model, namespace=namespace, image=args.image, opts=here)
        proxy = self._proxy(here)
        certificate = certificates.leaf(
            NAME, namespace=namespace, names=_names(), usages=[certificates.SERVER], opts=here
        )
        # The Python backend passes tensors between processes through shared memory.
        shared, shared_mount = scratch("shared-memory", "/dev/shm", size_mib=128, memory=True)  # noqa: S108
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=namespace,
                component="inference-server",
                priority_class=priorities.SERVING,
                image=args.image,
                size=args.size,
                ports={name: port for name, port in PORTS.items() if name != "grpc"},
                # Ready means that every model is loaded; live does not, or a slow load would end in a restart.
                probes=Probes(port="http", live="/v2/health/live", ready="/v2/health/ready", start="/v2/health/ready"),
                command=["tritonserver"],
                arguments=ARGUMENTS,
                env={"MODEL_THREADS": str(args.size.threads)},
                field_env=[field_variable("POD_UID", "metadata.uid")],
                init_containers=[model.init_container],
                sidecars=[proxy.container],
                sidecar_ports={"grpc": PORTS["grpc"]},
                drain_s=DRAIN_S,
                volumes=[*model.volumes, shared, certificate, proxy.volume],
                mounts=[model.mount, shared_mount],
                annotations=model.annotations,
                ingress=[_from_gateway(), namespaces.from_observability(PORTS["metrics"])],
                egress=model.egress,
                headless=True,
                gpus=gpus_each(args.accelerator),
            ),
            here,
        )
        self.register_outputs({})

    def _proxy(self, opts: pulumi.ResourceOptions) -> TlsProxy:
        return TlsProxy.of(
            NAME,
            TlsProxyArgs(
                image=self._args.proxy_image,
                namespace=namespaces.INFERENCE,
                port_name="grpc",
                port=PORTS["grpc"],
                upstream_port=_LOOPBACK_GRPC_PORT,
                client=GATEWAY_NAME,
            ),
            opts,
        )


def _names() -> list[str]:
    services = (NAME, f"{NAME}-headless")
    return [name for service in services for name in certificates.service_names(service, namespaces.INFERENCE)]


def _from_gateway() -> NetworkPolicyIngressRuleArgs:
    gateway = namespaces.peer(namespaces.GATEWAY, {"app.kubernetes.io/name": "gateway"})
    return NetworkPolicyIngressRuleArgs(
        from_=[gateway], ports=[NetworkPolicyPortArgs(port=PORTS["grpc"], protocol="TCP")]
    )
