"""NVIDIA's device plugin: tells the kubelet which GPUs the node has, and the runtime which of them a pod was given.

https://github.com/NVIDIA/k8s-device-plugin
"""

from typing import Any

import pulumi
import yaml

from infra.config_types import GpuSharing, Mig, TimeSlicing
from infra.workloads.gpu.daemon import ALL_GPUS, GpuDaemonArgs

NAME = "nvidia-device-plugin"
_CONFIG_DIR = "/etc/nvidia-device-plugin"
_FILE = "config.yaml"


def daemon(image: pulumi.Input[str], sharing: GpuSharing | None) -> GpuDaemonArgs:
    """Its DaemonSet. No connection in or out, and no probe, because it serves nothing but the kubelet's socket.

    When it dies it is restarted, and meanwhile the kubelet, which notices at the socket, offers no GPU.
    """
    mig = isinstance(sharing, Mig)
    return GpuDaemonArgs(
        component="device-plugin",
        image=image,
        command=["nvidia-device-plugin", f"--config-file={_CONFIG_DIR}/{_FILE}"],
        env=ALL_GPUS | ({"NVIDIA_MIG_MONITOR_DEVICES": "all"} if mig else {}),
        config_dir=_CONFIG_DIR,
        config={_FILE: yaml.safe_dump(configuration(sharing), sort_keys=False)},
        cpu_millis=10,
        cpu_limit_millis=200,
        memory_mib=128,
        # NVIDIA's runtime shows partitions to such containers only, and NVIDIA's own chart adds it for the same reason.
        capabilities=["SYS_ADMIN"] if mig else [],
    )


def configuration(sharing: GpuSharing | None) -> dict[str, Any]:
    """The plugin's configuration file. A node without a working GPU makes it fail, not wait: then somebody sees it."""
    flags = {"migStrategy": sharing.mig_strategy if isinstance(sharing, Mig) else "none", "failOnInitError": True}
    file: dict[str, Any] = {"version": "v1", "flags": flags}
    if isinstance(sharing, TimeSlicing):
        gpu = {"name": "nvidia.com/gpu", "replicas": sharing.replicas}
        # Two turns would be no more time than one, so who asks for two is refused.
        file["sharing"] = {"timeSlicing": {"failRequestsGreaterThanOne": True, "resources": [gpu]}}
    return file
