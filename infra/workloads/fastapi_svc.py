"""FastAPI with ONNX Runtime in process: the comparison to Triton, same model, same contract."""

from dataclasses import dataclass

import pulumi

from infra.config_types import WorkloadSize
from infra.workloads import priorities
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.model_delivery import ModelDelivery, ModelSource
from infra.workloads.namespaces import INFERENCE
from infra.workloads.pod import Probes

NAME = "fastapi-svc"
PORT = 8080


@dataclass(frozen=True)
class FastApiServiceArgs:
    """What runs, how large, with which model."""

    image: pulumi.Input[str]
    size: WorkloadSize
    model: ModelSource


class FastApiService(pulumi.ComponentResource):
    """No pod may call it: it takes text as it comes and asks nobody who they are. Reach it by port-forward."""

    url: str = f"http://{NAME}.{INFERENCE}.svc.cluster.local:{PORT}"

    def __init__(self, name: str, args: FastApiServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:FastApiService", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        model = ModelDelivery.of(NAME, args.model, namespace=INFERENCE, image=args.image, opts=here)
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=INFERENCE,
                component="inference-server",
                priority_class=priorities.COMPARISON,
                image=args.image,
                size=args.size,
                ports={"http": PORT},
                probes=Probes(port="http", live="/livez", ready="/readyz", start="/readyz"),
                env={
                    "FASTAPI_SVC_MODEL_DIR": "/model/repository/sentiment/1",
                    "FASTAPI_SVC_THREADS": str(args.size.threads),
                },
                init_containers=[model.init_container],
                volumes=model.volumes,
                mounts=[model.mount],
                annotations=model.annotations,
                egress=model.egress,
            ),
            here,
        )
        self.register_outputs({})
