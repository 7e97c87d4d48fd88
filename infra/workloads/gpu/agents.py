"""Device plugin and DCGM exporter, together."""

from dataclasses import dataclass

import pulumi

from infra.config_types import GpuSharing
from infra.registry import ImageRepositories
from infra.workloads.gpu import dcgm_exporter, device_plugin
from infra.workloads.gpu.daemon import GpuDaemon


@dataclass(frozen=True)
class GpuAgentsArgs:
    """Where the images are, and how pods share a GPU."""

    images: ImageRepositories
    sharing: GpuSharing | None = None


class GpuAgents(pulumi.ComponentResource):
    """The DaemonSets in `system`, one pod each on every node of the GPU pool; without one they make no pod."""

    def __init__(self, name: str, args: GpuAgentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:GpuAgents", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        plugin = device_plugin.daemon(args.images.third_party("k8s-device-plugin"), args.sharing)
        exporter = dcgm_exporter.daemon(args.images.third_party("dcgm-exporter"), args.sharing)
        GpuDaemon(device_plugin.NAME, plugin, here)
        GpuDaemon(dcgm_exporter.NAME, exporter, here)
        self.register_outputs({})
