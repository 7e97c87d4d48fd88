"""EKS add-ons: chosen by version, and the one that makes NetworkPolicies more than words."""

import yaml

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

ADDON = "aws:eks/addon:Addon"


@resource_rule(
    "eks-addon-pinned",
    ADDON,
    severity=Severity.LOW,
    evidence=links(supporting="312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="set addonVersion.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html",
)
def eks_addon_pinned(addon: Resource) -> Findings:
    """Add-ons are named by version, so that what was reviewed is what runs."""
    if not addon.props.get("addonVersion"):
        yield "addonVersion is unset, so that EKS chooses"


@relation_rule(
    "eks-network-policy-enforced",
    "aws:eks/cluster:Cluster",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation='add the Addon vpc-cni with configurationValues {"enableNetworkPolicy": "true"}.',
    link="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
)
def eks_network_policy_enforced(cluster: Resource, stack: Stack) -> Findings:
    """The cluster's network obeys NetworkPolicies, which it does not by itself."""
    addons = stack.attached(cluster, ADDON, by="clusterName", identity=("name", "id"))
    networks = [item for item in addons if item.props.get("addonName") == "vpc-cni"]
    if not networks:
        yield "no Addon installs vpc-cni"
    for network in networks:
        values = yaml.safe_load(network.props.get("configurationValues") or "{}")  # JSON or YAML
        if str(values.get("enableNetworkPolicy")).lower() != "true":
            yield f"{network.name} has no enableNetworkPolicy true in its configurationValues"
