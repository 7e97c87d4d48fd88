"""EKS: the cluster and node groups in moto; add-ons and access, which moto lacks, remembered."""

from contextlib import suppress
from typing import Any

from local.aws.api import Api, GoneError
from local.aws.resource import Call, Resource, Scope, Step, Tagging

_TAGS = Tagging(
    add=Call(operation="tag_resource", params={"resourceArn": "{arn}"}),
    remove=Call(operation="untag_resource", params={"resourceArn": "{arn}", "tagKeys": "{tagKeys}"}),
)


def _by(arn: str) -> Tagging:
    """Tags of a type whose ARN is an output of another name."""
    return Tagging(
        add=Call(operation="tag_resource", params={"resourceArn": arn}),
        remove=Call(operation="untag_resource", params={"resourceArn": arn, "tagKeys": "{tagKeys}"}),
    )


def _logging(scope: Scope) -> dict[str, Any] | None:
    """The API lists each kind of log as on or off."""
    types = scope.get("enabledClusterLogTypes")
    return {"clusterLogging": [{"types": types, "enabled": True}]} if types else None


def _log_types(_api: Api, scope: Scope) -> list[str] | None:
    groups = (scope.get("logging") or {}).get("clusterLogging") or []
    return [kind for group in groups if group["enabled"] for kind in group["types"]] or None


def _identities(_api: Api, scope: Scope) -> list[Any]:
    return [{"oidcs": [{"issuer": scope["identity"]["oidc"]["issuer"]}]}]


def _set_logging(api: Api, scope: Scope, _old: Scope) -> None:
    every = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    wanted = scope.get("enabledClusterLogTypes") or []
    groups = [{"types": wanted, "enabled": True}, {"types": [k for k in every if k not in wanted], "enabled": False}]
    api.call(
        "eks",
        "update_cluster_config",
        {"name": scope["id"], "logging": {"clusterLogging": [group for group in groups if group["types"]]}},
    )


def _set_vpc(api: Api, scope: Scope, _old: Scope) -> None:
    names = ("subnetIds", "securityGroupIds", "endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
    vpc = {name: scope["vpcConfig"][name] for name in names if scope["vpcConfig"].get(name) is not None}
    api.call("eks", "update_cluster_config", {"name": scope["id"], "resourcesVpcConfig": vpc})


def _set_labels_and_taints(api: Api, scope: Scope, old: Scope) -> None:
    new_labels, old_labels = scope.get("labels") or {}, old.get("labels") or {}
    new_taints, old_taints = scope.get("taints") or [], old.get("taints") or []
    labels = {"addOrUpdateLabels": new_labels, "removeLabels": [key for key in old_labels if key not in new_labels]}
    taints = {
        "addOrUpdateTaints": new_taints,
        "removeTaints": [taint for taint in old_taints if taint not in new_taints],
    }
    api.call(
        "eks",
        "update_nodegroup_config",
        {
            "clusterName": scope["clusterName"],
            "nodegroupName": scope["nodeGroupName"],
            **{
                name: {key: value for key, value in change.items() if value}
                for name, change in (("labels", labels), ("taints", taints))
                if any(change.values())
            },
        },
    )


def _start_scaling(api: Api, scope: Scope) -> None:
    """EKS makes the Auto Scaling group that moto only names. It stays empty: the nodes of this stack are no instances."""
    name = _scaling_group(scope)
    api.call(
        "ec2", "create_launch_template", {"LaunchTemplateName": name, "LaunchTemplateData": {"EbsOptimized": True}}
    )
    api.call(
        "autoscaling",
        "create_auto_scaling_group",
        {
            "AutoScalingGroupName": name,
            "MinSize": 0,
            "MaxSize": (scope.get("scalingConfig") or {}).get("maxSize", _NODES),
            "VPCZoneIdentifier": ",".join(scope["subnetIds"]),
            "LaunchTemplate": {"LaunchTemplateName": name, "Version": "1"},
        },
    )


def _end_scaling(api: Api, scope: Scope) -> None:
    """The Auto Scaling group goes with its node group, also where its creation was interrupted."""
    names = {"clusterName": scope["clusterName"], "nodegroupName": scope["nodeGroupName"]}
    name = _scaling_group(api.call("eks", "describe_nodegroup", names)["nodegroup"])
    groups = {"AutoScalingGroupNames": [name]}
    if api.call("autoscaling", "describe_auto_scaling_groups", groups)["AutoScalingGroups"]:
        api.call("autoscaling", "delete_auto_scaling_group", {"AutoScalingGroupName": name, "ForceDelete": True})
    with suppress(GoneError):
        api.call("ec2", "describe_launch_templates", {"LaunchTemplateNames": [name]})
        api.call("ec2", "delete_launch_template", {"LaunchTemplateName": name})


def _scaling_group(scope: Scope) -> str:
    return str(scope["resources"]["autoScalingGroups"][0]["name"])


_NODES = 2
"""The nodes that EKS starts where nothing says how many (CreateNodegroup)."""
_GROUP = {"clusterName": "{clusterName}", "nodegroupName": "{nodeGroupName}"}
_ADDON = {"clusterName": "{clusterName}", "addonName": "{addonName}"}
_ENTRY = {"clusterName": "{clusterName}", "principalArn": "{principalArn}"}
_POLICY = {**_ENTRY, "policyArn": "{policyArn}"}
_POD = {"clusterName": "{clusterName}", "associationId": "{associationId}"}

RESOURCES = (
    Resource(
        kind="aws:eks/cluster:Cluster",
        service="eks",
        id="{name}",
        autoname="name",
        tagging=_TAGS,
        create=Call(operation="create_cluster", inputs=None, params={"logging": _logging}, result="cluster"),
        read=(Call(operation="describe_cluster", params={"name": "{id}"}, result="cluster"),),
        update=(
            Step(inputs=("enabledClusterLogTypes",), apply=_set_logging),
            Step(inputs=("vpcConfig",), apply=_set_vpc),
            Call(operation="update_cluster_version", params={"name": "{id}"}, inputs=("version",)),
            Call(operation="update_cluster_config", params={"name": "{id}"}, inputs=("accessConfig",)),
            Call(
                operation="update_cluster_config",
                params={"name": "{id}"},
                inputs=("upgradePolicy", "zonalShiftConfig", "deletionProtection", "remoteNetworkConfig"),
            ),
        ),
        delete=Call(operation="delete_cluster", params={"name": "{id}"}),
        rename={"vpcConfig": "resourcesVpcConfig"},
        fixed=("enabledClusterLogTypes",),
        computed=("vpcConfig.vpcId", "vpcConfig.clusterSecurityGroupId", "kubernetesNetworkConfig.serviceIpv6Cidr"),
        behaviour=("defaultAddonsToRemoves", "forceUpdateVersion"),
        unread=("accessConfig",),
        outputs={"enabledClusterLogTypes": _log_types, "identities": _identities},
    ),
    Resource(
        kind="aws:eks/nodeGroup:NodeGroup",
        service="eks",
        id="{clusterName}:{nodeGroupName}",
        autoname="nodeGroupName",
        create=Call(operation="create_nodegroup", inputs=None, result="nodegroup"),
        created=_start_scaling,
        prepare=_end_scaling,
        read=(Call(operation="describe_nodegroup", params=_GROUP, result="nodegroup"),),
        update=(
            Step(inputs=("labels", "taints"), apply=_set_labels_and_taints),
            Call(
                operation="update_nodegroup_config",
                params=_GROUP,
                inputs=("scalingConfig", "updateConfig", "nodeRepairConfig"),
            ),
            Call(
                operation="update_nodegroup_version",
                params=_GROUP,
                inputs=("version", "releaseVersion", "launchTemplate"),
            ),
        ),
        delete=Call(operation="delete_nodegroup", params=_GROUP),
        tagging=_by("{arn}"),
        rename={
            "nodeGroupName": "nodegroupName",
            "subnetIds": "subnets",
            "nodeRoleArn": "nodeRole",
            "arn": "nodegroupArn",
        },
        behaviour=("forceUpdateVersion",),
        computed=("launchTemplate.name",),
        unread=("remoteAccess", "updateConfig"),
        replace_paths=("launchTemplate.id", "launchTemplate.name"),
    ),
    Resource(
        kind="aws:eks/addon:Addon",
        service="eks",
        id="{clusterName}:{addonName}",
        remembered=True,
        create=Call(operation="create_addon", inputs=None, result="addon"),
        read=(Call(operation="describe_addon", params=_ADDON, result="addon"),),
        update=(
            Call(
                operation="update_addon",
                params=_ADDON,
                inputs=(
                    "addonVersion",
                    "configurationValues",
                    "serviceAccountRoleArn",
                    "resolveConflictsOnUpdate",
                    "podIdentityAssociations",
                ),
            ),
        ),
        delete=Call(operation="delete_addon", params=_ADDON),
        tagging=_by("{arn}"),
        rename={
            "arn": "addonArn",
            "resolveConflictsOnCreate": "resolveConflicts",
            "resolveConflictsOnUpdate": "resolveConflicts",
        },
        behaviour=("preserve", "resolveConflictsOnCreate"),
        unread=("resolveConflictsOnCreate", "resolveConflictsOnUpdate"),
    ),
    Resource(
        kind="aws:eks/accessEntry:AccessEntry",
        service="eks",
        id="{clusterName}:{principalArn}",
        remembered=True,
        create=Call(operation="create_access_entry", inputs=None, result="accessEntry"),
        read=(Call(operation="describe_access_entry", params=_ENTRY, result="accessEntry"),),
        update=(Call(operation="update_access_entry", params=_ENTRY, inputs=("kubernetesGroups", "userName")),),
        delete=Call(operation="delete_access_entry", params=_ENTRY),
        tagging=_by("{accessEntryArn}"),
        rename={"userName": "username"},
    ),
    Resource(
        kind="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        service="eks",
        remembered=True,
        id="{clusterName}#{principalArn}#{policyArn}",
        create=Call(operation="associate_access_policy", inputs=None, result="associatedAccessPolicy"),
        read=(Call(operation="list_associated_access_policies", params=_POLICY, result="associatedAccessPolicy"),),
        delete=Call(operation="disassociate_access_policy", params=_POLICY),
    ),
    Resource(
        kind="aws:eks/podIdentityAssociation:PodIdentityAssociation",
        service="eks",
        id="{associationId}",
        import_id="{clusterName},{associationId}",
        remembered=True,
        create=Call(operation="create_pod_identity_association", inputs=None, result="association"),
        read=(Call(operation="describe_pod_identity_association", params=_POD, result="association"),),
        update=(
            Call(
                operation="update_pod_identity_association",
                params=_POD,
                inputs=("roleArn", "targetRoleArn", "disableSessionTags"),
            ),
        ),
        delete=Call(operation="delete_pod_identity_association", params=_POD),
        tagging=_by("{associationArn}"),
    ),
)
