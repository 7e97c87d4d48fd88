"""How a model gets into a pod: an init container fetches and verifies it with the workload's own role."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ContainerArgs, VolumeArgs, VolumeMountArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs

from infra.identity import ModelReader, StoreAccessArgs
from infra.model_repository import ModelRepository
from infra.storage import ModelStore
from infra.workloads.admission import tokens
from infra.workloads.aws_access import AwsAccess, AwsApi
from infra.workloads.pod import container_security_context, environment, resources, scratch

_MODEL_DIR = "/model"
_WHY_A_TOKEN = "fetch-and-verify-model reads the model's objects as the workload's IAM role; AWS STS alone takes it"  # noqa: S105


@dataclass(frozen=True)
class ModelSource:
    """Which model, the store that holds it, and how AWS is reached from a pod."""

    aws: AwsApi
    model: ModelRepository
    store: ModelStore


@dataclass(frozen=True)
class ModelDelivery:
    """Parts of a pod that fetch the model into `/model`; the workload's own container gets no credentials.

    A model that is not the deployed one keeps the pod from starting: the container's termination message says which file is
    wrong (`kubectl describe pod`), and the kubelet's event BackOff names the container, as `pulumi up` does. An event in our
    own words would need a token for the Kubernetes API, which the container must not have.
    """

    init_container: ContainerArgs
    volumes: list[VolumeArgs]
    mount: VolumeMountArgs
    egress: list[NetworkPolicyEgressRuleArgs]
    annotations: dict[str, str]

    @classmethod
    def of(
        cls,
        workload: str,
        source: ModelSource,
        *,
        namespace: str,
        image: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> "ModelDelivery":
        """Delivery for one workload: makes its identity, and a ConfigMap where an authority has to be trusted."""
        model, model_mount = scratch("model", _MODEL_DIR, size_mib=2 * source.model.size_mib + 64)
        temporary, temporary_mount = scratch("fetch-tmp", "/tmp", size_mib=16)  # noqa: S108 - the pod's own volume
        reader = ModelReader(
            f"{workload}-model",
            StoreAccessArgs(
                context=source.aws.context,
                issuer=source.aws.issuer,
                namespace=namespace,
                service_account=workload,
                bucket_arn=source.store.bucket_arn,
                prefix=source.model.prefix,
                key_arn=source.store.key_arn,
            ),
            opts,
        )
        access = AwsAccess.of(workload, source.aws, namespace=namespace, role_arn=reader.role_arn, opts=opts)
        fetch = ContainerArgs(
            name="fetch-and-verify-model",
            image=image,
            image_pull_policy="IfNotPresent",
            command=["python3", "-m", "model_build.fetch"],
            termination_message_policy="FallbackToLogsOnError",
            env=environment({**_environment(source), **access.environment}),
            resources=resources(cpu_millis=50, cpu_limit_millis=1000, memory_mib=256),
            security_context=container_security_context(),
            volume_mounts=[
                model_mount,
                temporary_mount,
                *access.mounts,
            ],
        )
        return cls(
            init_container=fetch,
            volumes=[model, temporary, *access.volumes],
            mount=VolumeMountArgs(name="model", mount_path=_MODEL_DIR, read_only=True),
            egress=access.egress,
            annotations={
                # Another model is another pod template, so a new one rolls the pods.
                "inference/model-manifest-sha256": source.model.manifest_sha256,
                tokens.REASON: _WHY_A_TOKEN,
            },
        )


def _environment(source: ModelSource) -> dict[str, pulumi.Input[str]]:
    return {
        "MODEL_URI": source.store.model_uri,
        "MODEL_MANIFEST_SHA256": source.model.manifest_sha256,
        "MODEL_DIR": _MODEL_DIR,
    }
