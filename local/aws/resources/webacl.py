"""AWS WAF: web ACLs, what they guard and where they log."""

from local.aws.api import Api
from local.aws.mapper import to_api
from local.aws.resource import Call, Resource, Scope, Step, Tagging

_CHANGEABLE = (
    "associationConfig",
    "captchaConfig",
    "challengeConfig",
    "customResponseBodies",
    "dataProtectionConfig",
    "defaultAction",
    "description",
    "rules",
    "tokenDomains",
    "visibilityConfig",
)
_IDENTITY = {"Id": "{id}", "Name": "{name}", "Scope": "{scope}"}


def _token(api: Api, scope: Scope) -> dict[str, str]:
    """AWS takes a change only with the token of the last one, which may have been made by somebody else."""
    found = api.call("wafv2", "get_web_acl", {"Id": scope["id"], "Name": scope["name"], "Scope": scope["scope"]})
    return {"lockToken": found["LockToken"]}


def _update(api: Api, scope: Scope, old: Scope) -> None:
    """AWS replaces the whole of a web ACL."""
    if not old:
        return
    names = ("name", "scope", *_CHANGEABLE)
    values = {"id": scope["id"], **_token(api, scope), **{name: scope[name] for name in names if name in scope}}
    api.call("wafv2", "update_web_acl", to_api(values, api.shape("wafv2", "update_web_acl"), {}))


RESOURCES = (
    Resource(
        kind="aws:wafv2/webAcl:WebAcl",
        service="wafv2",
        id="{Id}",
        import_id="{Id}/{name}/{scope}",
        autoname="name",
        create=Call(operation="create_web_acl", inputs=("name", "scope", *_CHANGEABLE), result="Summary"),
        read=(
            Call(operation="get_web_acl", params=_IDENTITY, result="WebACL"),
            Call(operation="get_web_acl", params=_IDENTITY, result="{LockToken: LockToken}"),
        ),
        update=(Step(inputs=_CHANGEABLE, apply=_update),),
        prepare=_token,
        delete=Call(operation="delete_web_acl", params={**_IDENTITY, "LockToken": "{lockToken}"}),
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"ResourceARN": "{arn}"}),
            remove=Call(operation="untag_resource", params={"ResourceARN": "{arn}", "TagKeys": "{tagKeys}"}),
            read=Call(
                operation="list_tags_for_resource", params={"ResourceARN": "{ARN}"}, result="TagInfoForResource.TagList"
            ),
        ),
        outputs={"scope": "{scope}"},
        unread=("dataProtectionConfig",),  # moto forgets it
    ),
    Resource(
        kind="aws:wafv2/webAclAssociation:WebAclAssociation",
        service="wafv2",
        id="{webAclArn},{resourceArn}",
        create=Call(operation="associate_web_acl", inputs=None),
        read=(
            Call(
                operation="get_web_acl_for_resource",
                params={"ResourceArn": "{resourceArn}"},
                result="[WebACL][?ARN=='{webAclArn}'] | [0]",
            ),
        ),
        delete=Call(operation="disassociate_web_acl", params={"ResourceArn": "{resourceArn}"}),
        outputs={"webAclArn": "{webAclArn}", "resourceArn": "{resourceArn}"},
    ),
    Resource(
        kind="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        service="wafv2",
        id="{resourceArn}",
        create=Call(operation="put_logging_configuration", inputs=None, into="LoggingConfiguration"),
        read=(
            Call(
                operation="get_logging_configuration",
                params={"ResourceArn": "{resourceArn}"},
                result="LoggingConfiguration",
            ),
        ),
        update=(
            Call(
                operation="put_logging_configuration",
                inputs=("resourceArn", "logDestinationConfigs", "loggingFilter", "redactedFields"),
                into="LoggingConfiguration",
            ),
        ),
        delete=Call(operation="delete_logging_configuration", params={"ResourceArn": "{resourceArn}"}),
    ),
)
