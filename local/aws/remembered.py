"""EKS operations that moto lacks: checked against botocore's model, remembered beside the cluster they belong to.

What is remembered lives in moto too (as parameters of its parameter store), so that it is lost and found with the rest.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from local.aws.api import Api


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of thing: the parameters that identify it, the response member that holds it, and what AWS adds."""

    key: tuple[str, ...]
    member: str
    added: Callable[[Mapping[str, Any], str], dict[str, Any]]
    """(parameters, ARN prefix `arn:aws:eks:region:account:`) -> fields that AWS computes."""


def _short(params: Mapping[str, Any], *names: str) -> str:
    """Seventeen hexadecimal digits that follow from the identity, as AWS's ids look."""
    return hashlib.sha256("/".join(str(params[name]) for name in names).encode()).hexdigest()[:17]


def _addon(p: Mapping[str, Any], arn: str) -> dict[str, Any]:
    suffix = _short(p, "clusterName", "addonName")
    return {
        "addonArn": f"{arn}addon/{p['clusterName']}/{p['addonName']}/{suffix}",
        "status": "ACTIVE",
        "addonVersion": p.get("addonVersion", "v1.0.0-eksbuild.1"),
        "health": {"issues": []},
    }


def _access_entry(p: Mapping[str, Any], arn: str) -> dict[str, Any]:
    return {
        "accessEntryArn": f"{arn}access-entry/{p['clusterName']}/{_short(p, 'clusterName', 'principalArn')}",
        "username": p.get("username", p["principalArn"]),
        "type": p.get("type", "STANDARD"),
        "kubernetesGroups": p.get("kubernetesGroups", []),
    }


def _association(p: Mapping[str, Any], _arn: str) -> dict[str, Any]:
    return {"associatedAt": datetime.now(UTC).isoformat()}


def _pod_identity(p: Mapping[str, Any], arn: str) -> dict[str, Any]:
    suffix = f"a-{_short(p, 'clusterName', 'namespace', 'serviceAccount')}"
    return {"associationId": suffix, "associationArn": f"{arn}podidentityassociation/{p['clusterName']}/{suffix}"}


_KINDS = {
    "addon": Kind(key=("clusterName", "addonName"), member="addon", added=_addon),
    "access_entry": Kind(key=("clusterName", "principalArn"), member="accessEntry", added=_access_entry),
    "access_policy": Kind(
        key=("clusterName", "principalArn", "policyArn"), member="associatedAccessPolicy", added=_association
    ),
    "pod_identity_association": Kind(key=("clusterName", "associationId"), member="association", added=_pod_identity),
}
_VERBS = ("create", "describe", "update", "delete", "associate", "disassociate", "list_associated")
_ARN_KINDS = ("addon", "access-entry", "podidentityassociation")
_PREFIX = "/emulated/eks/remembered"


def lacks(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    """Whether an operation is answered here rather than by moto."""
    if service != "eks":
        return False
    if operation in ("tag_resource", "untag_resource"):
        return params["resourceArn"].split(":")[-1].partition("/")[0] in _ARN_KINDS
    return _parse(operation) is not None


def _parse(operation: str) -> tuple[str, Kind] | None:
    for verb in _VERBS:
        noun = operation.removeprefix(f"{verb}_")
        for name, kind in _KINDS.items():
            if noun != operation and noun in (name, f"{name}s", f"{name.removesuffix('y')}ies"):
                return verb, kind
    return None


def answer(api: "Api", service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """The response of the operation; raises what boto3 would (ParamValidationError, ClientError)."""
    parsed = _parse(operation)
    if parsed is None:
        return _tag(api, operation, params)
    verb, kind = parsed
    if verb != "list_associated":  # the real call lists all; the one that is asked for is picked here
        report = ParamValidator().validate(params, api.shape(service, operation))
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
    cluster = api.client("eks").describe_cluster(name=params["clusterName"])["cluster"]
    prefix = cluster["arn"].partition("cluster/")[0]
    if verb in ("create", "associate"):
        item = {**params, **kind.added(params, prefix), "createdAt": datetime.now(UTC).isoformat()}
        _store(api, kind, item, new=True)
    else:
        item = _load(api, kind, params, operation)
    if verb == "update":
        item = {**item, **params, "modifiedAt": datetime.now(UTC).isoformat()}
        _store(api, kind, item, new=False)
    elif verb in ("delete", "disassociate"):
        api.client("ssm").delete_parameter(Name=_name(kind, item))
    return {kind.member: item}


def _name(kind: Kind, params: Mapping[str, Any]) -> str:
    identity = "/".join(str(params[name]) for name in kind.key[1:])
    return f"{_PREFIX}/{params['clusterName']}/{kind.member}/{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def _store(api: "Api", kind: Kind, item: Mapping[str, Any], *, new: bool) -> None:
    ssm = api.client("ssm")
    try:
        ssm.put_parameter(
            Name=_name(kind, item), Value=json.dumps(item), Type="String", Tier="Advanced", Overwrite=not new
        )
    except ssm.exceptions.ParameterAlreadyExists:
        raise _error("ResourceInUseException", f"{kind.member} already exists", "Create") from None


def _load(api: "Api", kind: Kind, params: Mapping[str, Any], operation: str) -> dict[str, Any]:
    ssm = api.client("ssm")
    try:
        item: dict[str, Any] = json.loads(ssm.get_parameter(Name=_name(kind, params))["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        raise _error("ResourceNotFoundException", f"no such {kind.member}", operation) from None
    return item


def _tag(api: "Api", operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    pages = api.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=_PREFIX, Recursive=True)
    for parameter in (parameter for page in pages for parameter in page["Parameters"]):
        item = json.loads(parameter["Value"])
        if params["resourceArn"] in item.values():
            kept = {key: value for key, value in item.get("tags", {}).items() if key not in params.get("tagKeys", [])}
            item["tags"] = {**kept, **params.get("tags", {})}
            api.client("ssm").put_parameter(
                Name=parameter["Name"], Value=json.dumps(item), Type="String", Tier="Advanced", Overwrite=True
            )
            return {}
    raise _error("ResourceNotFoundException", f"no such resource: {params['resourceArn']}", operation)


def _error(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
