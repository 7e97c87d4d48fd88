"""Query logging of Route 53 Resolver."""

import uuid

from local.aws.resource import Call, Resource, Scope, Tagging


def _request(_scope: Scope) -> str:
    return f"pulumi-{uuid.uuid4()}"


RESOURCES = (
    Resource(
        kind="aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
        service="route53resolver",
        id="{Id}",
        autoname="name",
        create=Call(
            operation="create_resolver_query_log_config",
            params={"CreatorRequestId": _request},
            inputs=("name", "destinationArn"),
            result="ResolverQueryLogConfig",
        ),
        read=(
            Call(
                operation="get_resolver_query_log_config",
                params={"ResolverQueryLogConfigId": "{id}"},
                result="ResolverQueryLogConfig",
            ),
        ),
        delete=Call(operation="delete_resolver_query_log_config", params={"ResolverQueryLogConfigId": "{id}"}),
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"ResourceArn": "{arn}"}),
            remove=Call(operation="untag_resource", params={"ResourceArn": "{arn}", "TagKeys": "{tagKeys}"}),
            read=Call(operation="list_tags_for_resource", params={"ResourceArn": "{Arn}"}, result="Tags"),
        ),
    ),
    Resource(
        kind="aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
        service="route53resolver",
        id="{Id}",
        create=Call(
            operation="associate_resolver_query_log_config", inputs=None, result="ResolverQueryLogConfigAssociation"
        ),
        read=(
            Call(
                operation="get_resolver_query_log_config_association",
                params={"ResolverQueryLogConfigAssociationId": "{id}"},
                result="ResolverQueryLogConfigAssociation",
            ),
        ),
        delete=Call(
            operation="disassociate_resolver_query_log_config",
            params={"ResolverQueryLogConfigId": "{resolverQueryLogConfigId}", "ResourceId": "{resourceId}"},
        ),
    ),
)
