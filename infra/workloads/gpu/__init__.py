"""What a GPU node runs besides the workloads: the device plugin and the exporter of GPU metrics."""

from infra.workloads.gpu.agents import GpuAgents, GpuAgentsArgs

__all__ = ["GpuAgents", "GpuAgentsArgs"]
