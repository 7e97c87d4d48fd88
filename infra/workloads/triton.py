"""NVIDIA Triton: batches requests of the gateway on a GPU, or on CPU where there is none."""

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
)

from infra.config_types import WorkloadSize
from infra.workloads import namespaces
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.model_delivery import ModelDelivery, ModelSource
from infra.workloads.pod import Probes, field_variable, scratch

NAME = "triton"
PORTS = {"http": 8000, "grpc": 8001, "metrics": 8002}
# Each pod's own UID is the key to its administration: no client has it, and nothing secret stands in the arguments.
_ADMINISTRATION = "shared-memory,model-repository,statistics,trace,logging:administration-key=$(POD_UID)"
ARGUMENTS = (
    "--model-repository=/model/repository",
    "--model-control-mode=none",
    "--disable-auto-complete-config",
    "--exit-on-error=true",
    "--strict-readiness=true",
    "--http-port=8000",
    "--grpc-port=8001",
    "--metrics-port=8002",
    f"--http-restricted-api={_ADMINISTRATION}",
    f"--grpc-restricted-protocol={_ADMINISTRATION}",
)


@dataclass(frozen=True)
class TritonArgs:
    """`accelerator` decides the node pool."""

    image: pulumi.Input[str]
    size: WorkloadSize
    accelerator: Literal["none", "nvidia"]
    model: ModelSource


class Triton(pulumi.ComponentResource):
    """Triton and its Services; only the gateway may call it, and only over gRPC."""

    http_url: str = f"http://{NAME}.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['http']}"
    grpc_url: str = f"{NAME}.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['grpc']}"
    balanced_url: str = f"dns:///{NAME}-headless.{namespaces.INFERENCE}.svc.cluster.local:{PORTS['grpc']}"
    """Resolves to every pod: a gRPC connection stays on one pod, so the client has to balance."""

    def __init__(self, name: str, args: TritonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Triton", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        namespace = namespaces.INFERENCE
        model = ModelDelivery.of(NAME, args.model, namespace=namespace, image=args.image, opts=here)
        # The Python backend passes tensors between processes through shared memory.
        shared, shared_mount = scratch("shared-memory", "/dev/shm", size_mib=128, memory=True)  # noqa: S108
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=namespace,
                component="inference-server",
                image=args.image,
                size=args.size,
                ports=PORTS,
                # Ready means that every model is loaded; live does not, or a slow load would end in a restart.
                probes=Probes(port="http", live="/v2/health/live", ready="/v2/health/ready", start="/v2/health/ready"),
                command=["tritonserver"],
                arguments=ARGUMENTS,
                env={"MODEL_THREADS": str(args.size.threads)},
                field_env=[field_variable("POD_UID", "metadata.uid")],
                init_containers=[model.init_container],
                volumes=[*model.volumes, shared],
                mounts=[model.mount, shared_mount],
                annotations=model.annotations,
                ingress=[_from_gateway()],
                egress=model.egress,
                headless=True,
                gpus=1 if args.accelerator == "nvidia" else 0,
            ),
            here,
        )
        self.register_outputs({})


def _from_gateway() -> NetworkPolicyIngressRuleArgs:
    gateway = NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={namespaces.NAMESPACE_LABEL: namespaces.GATEWAY}),
        pod_selector=LabelSelectorArgs(match_labels={"app.kubernetes.io/name": "gateway"}),
    )
    return NetworkPolicyIngressRuleArgs(
        from_=[gateway], ports=[NetworkPolicyPortArgs(port=PORTS["grpc"], protocol="TCP")]
    )
