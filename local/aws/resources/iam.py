"""IAM: roles, policies, the OpenID Connect provider of a cluster."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging


def _tagging(kind: str, key: str, value: str = "{id}") -> Tagging:
    return Tagging(
        add=Call(operation=f"tag_{kind}", params={key: value}),
        remove=Call(operation=f"untag_{kind}", params={key: value, "TagKeys": "{tagKeys}"}),
        read=Call(operation=f"list_{kind}_tags", params={key: value}, result="Tags"),
    )


def _document(member: str) -> Any:
    """A policy document as JSON text; boto3 gives IAM's as an object."""

    def read(_api: Api, scope: Scope) -> str | None:
        document = scope.get(member)
        return unquote(document) if isinstance(document, str) else json.dumps(document) if document else None

    return read


def _new_version(api: Api, scope: Scope, _old: Scope) -> None:
    """IAM keeps five versions of a policy; the real provider removes the oldest to make room."""
    versions = api.call("iam", "list_policy_versions", {"PolicyArn": scope["id"]})["Versions"]
    spare = [version for version in versions if not version["IsDefaultVersion"]]
    if len(versions) >= 5:
        oldest = min(spare, key=lambda version: int(version["VersionId"].removeprefix("v")))
        api.call("iam", "delete_policy_version", {"PolicyArn": scope["id"], "VersionId": oldest["VersionId"]})
    api.call(
        "iam",
        "create_policy_version",
        {"PolicyArn": scope["id"], "PolicyDocument": scope["policy"], "SetAsDefault": True},
    )


def _drop_versions(api: Api, scope: Scope) -> None:
    for version in api.call("iam", "list_policy_versions", {"PolicyArn": scope["id"]})["Versions"]:
        if not version["IsDefaultVersion"]:
            api.call("iam", "delete_policy_version", {"PolicyArn": scope["id"], "VersionId": version["VersionId"]})


def _inline_policies(api: Api, scope: Scope, old: Scope) -> None:
    new = {policy["name"]: policy["policy"] for policy in scope.get("inlinePolicies") or [] if policy.get("name")}
    for policy in old.get("inlinePolicies") or []:
        if policy.get("name") not in new:
            api.call("iam", "delete_role_policy", {"RoleName": scope["id"], "PolicyName": policy["name"]})
    for name, document in new.items():
        api.call("iam", "put_role_policy", {"RoleName": scope["id"], "PolicyName": name, "PolicyDocument": document})


def _managed_policies(api: Api, scope: Scope, old: Scope) -> None:
    new, before = set(scope.get("managedPolicyArns") or ()), set(old.get("managedPolicyArns") or ())
    for verb, arns in (("detach", before - new), ("attach", new - before)):
        for arn in sorted(arns):
            api.call("iam", f"{verb}_role_policy", {"RoleName": scope["id"], "PolicyArn": arn})


def _free_role(api: Api, scope: Scope) -> None:
    """The policies that were given inside the role go with it, as with the real provider; others must go first."""
    everything = bool(scope.get("forceDetachPolicies"))
    _managed_policies(api, {"id": scope["id"]}, _attached(api, scope["id"]) if everything else scope)
    _inline_policies(api, {"id": scope["id"]}, scope)


def _attached(api: Api, role: str) -> dict[str, Any]:
    attached = api.call("iam", "list_attached_role_policies", {"RoleName": role})["AttachedPolicies"]
    return {"managedPolicyArns": [policy["PolicyArn"] for policy in attached]}


def _boundary(api: Api, scope: Scope, _old: Scope) -> None:
    if scope.get("permissionsBoundary"):
        api.call(
            "iam",
            "put_role_permissions_boundary",
            {"RoleName": scope["id"], "PermissionsBoundary": scope["permissionsBoundary"]},
        )
    else:
        api.call("iam", "delete_role_permissions_boundary", {"RoleName": scope["id"]})


def _profile_role(api: Api, scope: Scope, old: Scope) -> None:
    for verb, preposition, role in (("remove", "from", old.get("role")), ("add", "to", scope.get("role"))):
        if role:
            params = {"InstanceProfileName": scope["id"], "RoleName": role}
            api.call("iam", f"{verb}_role_{preposition}_instance_profile", params)


def _free_profile(api: Api, scope: Scope) -> None:
    profile = api.call("iam", "get_instance_profile", {"InstanceProfileName": scope["id"]})["InstanceProfile"]
    for role in profile["Roles"]:
        _profile_role(api, {"id": scope["id"]}, {"role": role["RoleName"]})


def _client_ids(api: Api, scope: Scope, old: Scope) -> None:
    new, before = set(scope["clientIdLists"]), set(old.get("clientIdLists") or ())
    for verb, ids in (("add", new - before), ("remove", before - new)):
        preposition = "to" if verb == "add" else "from"
        for client in sorted(ids):
            api.call(
                "iam",
                f"{verb}_client_id_{preposition}_open_id_connect_provider",
                {"OpenIDConnectProviderArn": scope["id"], "ClientID": client},
            )


RESOURCES = (
    Resource(
        kind="aws:iam/role:Role",
        service="iam",
        id="{RoleName}",
        autoname="name",
        create=Call(operation="create_role", inputs=None, result="Role"),
        read=(Call(operation="get_role", params={"RoleName": "{id}"}, result="Role"),),
        update=(
            Call(operation="update_role", params={"RoleName": "{id}"}, inputs=("description", "maxSessionDuration")),
            Call(
                operation="update_assume_role_policy",
                params={"RoleName": "{id}", "PolicyDocument": "{assumeRolePolicy}"},
                inputs=("assumeRolePolicy",),
            ),
            Step(inputs=("inlinePolicies",), apply=_inline_policies),
            Step(inputs=("managedPolicyArns",), apply=_managed_policies),
            Step(inputs=("permissionsBoundary",), apply=_boundary),
        ),
        prepare=_free_role,
        delete=Call(operation="delete_role", params={"RoleName": "{id}"}),
        rename={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument", "uniqueId": "RoleId"},
        behaviour=("forceDetachPolicies",),
        tagging=_tagging("role", "RoleName"),
        defaults={"path": "/", "maxSessionDuration": 3600},
        outputs={
            "assumeRolePolicy": _document("AssumeRolePolicyDocument"),
            "managedPolicyArns": lambda api, scope: _attached(api, scope["id"])["managedPolicyArns"],
            "permissionsBoundary": lambda _api, scope: (scope.get("PermissionsBoundary") or {}).get(
                "PermissionsBoundaryArn"
            ),
        },
        unread=("inlinePolicies",),
    ),
    Resource(
        kind="aws:iam/policy:Policy",
        service="iam",
        id="{Arn}",
        autoname="name",
        create=Call(operation="create_policy", inputs=None, result="Policy"),
        read=(
            Call(operation="get_policy", params={"PolicyArn": "{id}"}, result="Policy"),
            Call(
                operation="get_policy_version",
                params={"PolicyArn": "{id}", "VersionId": "{DefaultVersionId}"},
                result="PolicyVersion.{Document: Document}",
            ),
        ),
        update=(Step(inputs=("policy",), apply=_new_version),),
        prepare=_drop_versions,
        delete=Call(operation="delete_policy", params={"PolicyArn": "{id}"}),
        rename={"name": "PolicyName", "policy": "PolicyDocument"},
        defaults={"path": "/"},
        tagging=_tagging("policy", "PolicyArn"),
        outputs={"policy": _document("Document")},
    ),
    Resource(
        kind="aws:iam/rolePolicy:RolePolicy",
        service="iam",
        id="{role}:{name}",
        autoname="name",
        create=Call(operation="put_role_policy", inputs=("role", "name", "policy")),
        read=(Call(operation="get_role_policy", params={"RoleName": "{role}", "PolicyName": "{name}"}),),
        update=(
            Call(
                operation="put_role_policy", params={"RoleName": "{role}", "PolicyName": "{name}"}, inputs=("policy",)
            ),
        ),
        delete=Call(operation="delete_role_policy", params={"RoleName": "{role}", "PolicyName": "{name}"}),
        rename={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
        outputs={"policy": _document("PolicyDocument")},
    ),
    Resource(
        kind="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        service="iam",
        id="{role}/{policyArn}",
        create=Call(operation="attach_role_policy", inputs=None),
        read=(
            Call(
                operation="list_attached_role_policies",
                params={"RoleName": "{role}"},
                result="AttachedPolicies[?PolicyArn=='{policyArn}'] | [0]",
            ),
        ),
        delete=Call(operation="detach_role_policy", params={"RoleName": "{role}", "PolicyArn": "{policyArn}"}),
        rename={"role": "RoleName"},
        outputs={"role": "{role}", "policyArn": "{policyArn}"},
    ),
    Resource(
        kind="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        service="iam",
        id="{OpenIDConnectProviderArn}",
        create=Call(operation="create_open_id_connect_provider", inputs=None),
        read=(Call(operation="get_open_id_connect_provider", params={"OpenIDConnectProviderArn": "{id}"}),),
        update=(
            Step(inputs=("clientIdLists",), apply=_client_ids),
            Call(
                operation="update_open_id_connect_provider_thumbprint",
                params={"OpenIDConnectProviderArn": "{id}"},
                inputs=("thumbprintLists",),
            ),
        ),
        delete=Call(operation="delete_open_id_connect_provider", params={"OpenIDConnectProviderArn": "{id}"}),
        rename={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
        tagging=_tagging("open_id_connect_provider", "OpenIDConnectProviderArn"),
        outputs={"arn": "{id}", "url": lambda _api, scope: f"https://{scope['Url'].removeprefix('https://')}"},
    ),
    Resource(
        kind="aws:iam/instanceProfile:InstanceProfile",
        service="iam",
        id="{InstanceProfileName}",
        autoname="name",
        create=Call(operation="create_instance_profile", inputs=None, result="InstanceProfile"),
        read=(
            Call(operation="get_instance_profile", params={"InstanceProfileName": "{id}"}, result="InstanceProfile"),
        ),
        update=(Step(inputs=("role",), apply=_profile_role),),
        prepare=_free_profile,
        delete=Call(operation="delete_instance_profile", params={"InstanceProfileName": "{id}"}),
        rename={"name": "InstanceProfileName", "uniqueId": "InstanceProfileId"},
        defaults={"path": "/"},
        tagging=replace(_tagging("instance_profile", "InstanceProfileName"), read=None),
        outputs={"role": lambda _api, scope: next((role["RoleName"] for role in scope["Roles"]), None)},
    ),
)
