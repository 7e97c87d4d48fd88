"""NVIDIA's DCGM exporter: metrics of the GPUs for Prometheus, each with the pod that was given the GPU.

https://github.com/NVIDIA/dcgm-exporter
"""

from pathlib import Path

import pulumi

from infra.config_types import GpuSharing, TimeSlicing
from infra.workloads.gpu.daemon import ALL_GPUS, GpuDaemonArgs
from infra.workloads.namespaces import METRICS_PORTS, SYSTEM, from_observability
from infra.workloads.pod import Probes

NAME = "dcgm-exporter"
PORT = METRICS_PORTS[SYSTEM]
_CONFIG_DIR = "/etc/dcgm-counters"
COUNTERS = Path(__file__).with_name("counters.csv")


def daemon(image: pulumi.Input[str], sharing: GpuSharing | None) -> GpuDaemonArgs:
    """Its DaemonSet, which `observability` may ask.

    Started without the image's entry point, which rebuilds the linker's cache and gives the program CAP_SYS_ADMIN on a
    root file system that is read-only here; so the start is not checked against that cache either.
    """
    sliced = isinstance(sharing, TimeSlicing)
    return GpuDaemonArgs(
        component="metrics-exporter",
        image=image,
        command=[
            "/usr/bin/dcgm-exporter",
            "--kubernetes",
            *(["--kubernetes-virtual-gpus"] if sliced else []),
            f"--address=:{PORT}",
            f"--collectors={_CONFIG_DIR}/{COUNTERS.name}",
            "--disable-startup-validate",
        ],
        env=ALL_GPUS,
        config_dir=_CONFIG_DIR,
        config={COUNTERS.name: COUNTERS.read_text()},
        cpu_millis=50,
        cpu_limit_millis=500,
        memory_mib=512,
        ports={"metrics": PORT},
        probes=Probes(port="metrics", live="/health", ready="/health", start="/health"),
        ingress=[from_observability(PORT)],
    )
