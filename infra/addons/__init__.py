"""EKS add-ons: what a cluster needs to schedule, name, certify, watch and store."""

from infra.addons.addons import Addons, AddonsArgs
from infra.addons.node_agents import NodeAgents, NodeAgentsArgs
from infra.addons.versions import VERSIONS

__all__ = ["VERSIONS", "Addons", "AddonsArgs", "NodeAgents", "NodeAgentsArgs"]
