"""Pods touch nothing of their node, but for what the two DaemonSets on GPUs serve."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import container, gpu_workload, pod_spec, workload

PLUGINS, RESOURCES = "/var/lib/kubelet/device-plugins", "/var/lib/kubelet/pod-resources"
_ONE_GPU = {name: {"cpu": "10m", "memory": "16Mi", "nvidia.com/gpu": "1"} for name in ("requests", "limits")}

REFUSED = (
    *(
        Case(name, workload(spec=pod_spec(**{name: True})), "inference-host", f"{name} puts the pod")
        for name in ("hostNetwork", "hostPID", "hostIPC")
    ),
    Case(
        "host port",
        workload(spec=pod_spec(container(ports=[{"containerPort": 8080, "hostPort": 8080}]))),
        "inference-host",
        "container probe: hostPort",
    ),
    Case(
        "host path",
        workload(spec=pod_spec(volumes=[{"name": "node", "hostPath": {"path": "/var/log"}}])),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "device plugins' path outside of system",
        gpu_workload("nvidia-device-plugin", PLUGINS, read_only=False, namespace="inference", runAsNonRoot=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "another app's path",
        gpu_workload("dcgm-exporter", PLUGINS, read_only=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "an unknown app",
        gpu_workload("probe", RESOURCES, read_only=True, runAsNonRoot=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "a folder above",
        gpu_workload("dcgm-exporter", "/var/lib", read_only=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "pod resources to be written",
        gpu_workload("dcgm-exporter", RESOURCES, read_only=False),
        "inference-host",
        "with the access that HOST_PATHS",
    ),
    *(
        Case(
            f"{name} by hand",
            workload(spec=pod_spec(container(env=[{"name": name, "value": "all"}]))),
            "inference-host",
            "request nvidia.com/gpu",
        )
        for name in ("NVIDIA_VISIBLE_DEVICES", "CUDA_VERSION")
    ),
    Case(
        "every GPU for an init container",
        workload(spec=pod_spec(initContainers=[container("fetch", env=[{"name": "NVIDIA_VISIBLE_DEVICES"}])])),
        "inference-host",
        "container fetch: NVIDIA_VISIBLE_DEVICES",
    ),
    Case(
        "variables without a name",
        workload(spec=pod_spec(container(envFrom=[{"configMapRef": {"name": "probe"}}]))),
        "inference-host",
        "envFrom could bring NVIDIA_VISIBLE_DEVICES",
    ),
)
ACCEPTED = (
    Case("device plugin", gpu_workload("nvidia-device-plugin", PLUGINS, read_only=False)),
    Case(
        "every GPU in system",
        workload(
            spec=pod_spec(container(env=[{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}])), namespace="system"
        ),
    ),
    Case("a GPU by request", workload(spec=pod_spec(container(resources=_ONE_GPU, env=[{"name": "CUDA_CACHE_PATH"}])))),
    Case("DCGM exporter", gpu_workload("dcgm-exporter", RESOURCES, read_only=True)),
)
