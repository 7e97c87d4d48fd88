"""Fields of EKS clusters and node groups that moto cannot change (versions, launch template, tags of node groups).

A change is checked against botocore's model, kept in moto's parameter store, and laid over moto's own description.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from local.aws.api import Api

_OPERATIONS = ("describe_cluster", "describe_nodegroup", "update_cluster_version", "update_nodegroup_version")
_TAG_OPERATIONS = ("tag_resource", "untag_resource")
_FIELDS = ("version", "releaseVersion", "launchTemplate")


def concerns(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    """Whether an operation is answered here."""
    tags = operation in _TAG_OPERATIONS and ":nodegroup/" in params.get("resourceArn", "")
    return service == "eks" and (operation in _OPERATIONS or tags)


def answer(api: "Api", operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """The response of the operation; raises what boto3 would."""
    report = ParamValidator().validate(params, api.shape("eks", operation))
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    if operation in _TAG_OPERATIONS:
        cluster, group = params["resourceArn"].partition(":nodegroup/")[2].split("/")[:2]
        params = {"clusterName": cluster, "nodegroupName": group, **params}
    member, living = _describe(api, params)
    if not operation.startswith("describe"):
        _store(api, living, {**_overlay(api, living), **_changes(living, params)})
    return {member: living}


def _describe(api: "Api", params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    eks = api.client("eks")
    if "nodegroupName" in params:
        names = {name: params[name] for name in ("clusterName", "nodegroupName")}
        member, living = "nodegroup", eks.describe_nodegroup(**names)["nodegroup"]
    else:
        member, living = "cluster", eks.describe_cluster(name=params["name"])["cluster"]
    return member, {**living, **_overlay(api, living)}


def _changes(living: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: params[name] for name in _FIELDS if name in params}
    if "resourceArn" in params:
        kept = {key: value for key, value in living.get("tags", {}).items() if key not in params.get("tagKeys", [])}
        changes["tags"] = {**kept, **params.get("tags", {})}
    return changes


def _name(living: Mapping[str, Any]) -> str:
    """A name of its own for each life of a cluster: one made again under the same ARN starts without changes."""
    identity = f"{living.get('nodegroupArn') or living['arn']} {living['createdAt']}"
    return f"/emulated/eks/changes/{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def _overlay(api: "Api", living: Mapping[str, Any]) -> dict[str, Any]:
    ssm = api.client("ssm")
    try:
        found: dict[str, Any] = json.loads(ssm.get_parameter(Name=_name(living))["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return {}
    return found


def _store(api: "Api", living: Mapping[str, Any], overlay: Mapping[str, Any]) -> None:
    api.client("ssm").put_parameter(
        Name=_name(living), Value=json.dumps(overlay), Type="String", Tier="Advanced", Overwrite=True
    )
