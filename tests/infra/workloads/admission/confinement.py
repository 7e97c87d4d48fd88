"""Containers run without root, capabilities and ways to gain them."""

from typing import Any

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission.host import PLUGINS, RESOURCES
from tests.infra.workloads.admission_objects import (
    IMAGE,
    Manifest,
    confined,
    container,
    gpu_workload,
    pod_spec,
    workload,
)


def _secured(**changes: Any) -> Manifest:
    return workload(spec=pod_spec(container(securityContext=confined(**changes))))


REFUSED = (
    Case("privileged", _secured(privileged=True, allowPrivilegeEscalation=True), "inference-confinement", "privileged"),
    Case("escalation", _secured(allowPrivilegeEscalation=None), "inference-confinement", "allowPrivilegeEscalation"),
    Case("capabilities kept", _secured(capabilities={}), "inference-confinement", "drop: [ALL]"),
    Case(
        "added capability",
        _secured(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        "inference-confinement",
        "add none",
    ),
    Case("root", _secured(runAsUser=0), "inference-confinement", "may run as root"),
    Case("maybe root", _secured(runAsNonRoot=None), "inference-confinement", "may run as root"),
    Case("no seccomp", _secured(seccompProfile=None), "inference-confinement", "seccompProfile"),
    Case("no AppArmor", _secured(appArmorProfile={"type": "Unconfined"}), "inference-confinement", "appArmorProfile"),
    Case("its own SELinux", _secured(seLinuxOptions={"type": "spc_t"}), "inference-confinement", "seLinuxOptions"),
    Case(
        "volume on another machine",
        workload(spec=pod_spec(volumes=[{"name": "files", "nfs": {"server": "files.invalid", "path": "/"}}])),
        "inference-confinement",
        "volume files: its type",
    ),
    Case(
        "volume from an image",
        workload(spec=pod_spec(volumes=[{"name": "files", "image": {"reference": IMAGE}}])),
        "inference-confinement",
        "volume files: its type",
    ),
    Case(
        "capability in system",
        gpu_workload("dcgm-exporter", RESOURCES, read_only=True, capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        "inference-confinement",
        "add none",
    ),
    Case(
        "privileged in system",
        gpu_workload("nvidia-device-plugin", PLUGINS, read_only=False, privileged=True, allowPrivilegeEscalation=True),
        "inference-confinement",
        "privileged",
    ),
    Case(
        "root in system that needs no path of the node",
        workload(spec=pod_spec(container(securityContext=confined(runAsNonRoot=False))), namespace="system"),
        "inference-confinement",
        "may run as root",
    ),
)
ACCEPTED = (
    Case(
        "confined by the pod",
        workload(
            spec=pod_spec(
                container(securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}),
                securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            )
        ),
    ),
)
