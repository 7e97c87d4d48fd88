"""Listeners of load balancers, their rules and certificates."""

import re

from local.aws.resource import Call, Resource, Scope, Tagging
from local.aws.resources.attributes import TAGS, attributes
from local.aws.schema import schema

_LISTENER = "aws:lb/listener:Listener"
_ACTIONS = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixedResponse": "FixedResponseConfig",
    "authenticateOidc": "AuthenticateOidcConfig",
    "authenticateCognito": "AuthenticateCognitoConfig",
    "arn": "TargetGroupArn",
}
_CONDITIONS = {
    "hostHeader": "HostHeaderConfig",
    "httpHeader": "HttpHeaderConfig",
    "httpRequestMethod": "HttpRequestMethodConfig",
    "pathPattern": "PathPatternConfig",
    "sourceIp": "SourceIpConfig",
}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _header_keys() -> dict[str, str]:
    """`routingHttpResponseStrictTransportSecurityHeaderValue` is the attribute
    `routing.http.response.strict_transport_security.header_value`, and so on for every header."""
    parts = re.compile(r"routingHttp(Request|Response)(\w+?)(HeaderName|HeaderValue|Enabled)")
    found = [(name, parts.fullmatch(name)) for name in schema(_LISTENER).inputs]
    return {name: ".".join(("routing.http", *map(_snake, match.groups()))) for name, match in found if match}


_read_listener, _set_listener, _listener_outputs = attributes(
    _LISTENER,
    "listener",
    "ListenerArn",
    {"tcpIdleTimeoutSeconds": "tcp.idle_timeout.seconds", **_header_keys()},
)


def _certificates(scope: Scope) -> list[dict[str, str]]:
    return [{"CertificateArn": scope["certificateArn"]}]


RESOURCES = (
    Resource(
        kind=_LISTENER,
        service="elbv2",
        id="{ListenerArn}",
        tagging=TAGS,
        create=Call(
            operation="create_listener",
            params={"Certificates": _certificates},
            inputs=(
                "loadBalancerArn",
                "certificateArn",
                "port",
                "protocol",
                "sslPolicy",
                "defaultActions",
                "alpnPolicy",
            ),
            result="Listeners[0]",
        ),
        read=(
            Call(operation="describe_listeners", params={"ListenerArns": ["{id}"]}, result="Listeners[0]"),
            _read_listener,
        ),
        update=(
            _set_listener,
            Call(
                operation="modify_listener",
                params={"ListenerArn": "{id}", "Certificates": _certificates},
                inputs=("certificateArn", "port", "protocol", "sslPolicy", "defaultActions", "alpnPolicy"),
            ),
        ),
        delete=Call(operation="delete_listener", params={"ListenerArn": "{id}"}),
        rename=_ACTIONS,
        outputs={
            **_listener_outputs,
            "arn": "{id}",
            "certificateArn": lambda _api, scope: (scope.get("Certificates") or [{}])[0].get("CertificateArn"),
        },
    ),
    Resource(
        kind="aws:lb/listenerRule:ListenerRule",
        service="elbv2",
        id="{RuleArn}",
        tagging=TAGS,
        create=Call(operation="create_rule", inputs=None, result="Rules[0]"),
        read=(Call(operation="describe_rules", params={"RuleArns": ["{id}"]}, result="Rules[0]"),),
        update=(
            Call(operation="modify_rule", params={"RuleArn": "{id}"}, inputs=("actions", "conditions")),
            Call(
                operation="set_rule_priorities",
                params={"RulePriorities": [{"RuleArn": "{id}", "Priority": "{priority}"}]},
                inputs=("priority",),
            ),
        ),
        delete=Call(operation="delete_rule", params={"RuleArn": "{id}"}),
        rename={**_ACTIONS, **_CONDITIONS},
        outputs={
            "arn": "{id}",
            "listenerArn": lambda _api, scope: (
                str(scope["id"]).replace(":listener-rule/", ":listener/").rpartition("/")[0]
            ),
        },
    ),
    Resource(
        kind="aws:acm/certificate:Certificate",
        service="acm",
        id="{CertificateArn}",
        create=Call(operation="request_certificate", inputs=None),
        read=(Call(operation="describe_certificate", params={"CertificateArn": "{id}"}, result="Certificate"),),
        update=(Call(operation="update_certificate_options", params={"CertificateArn": "{id}"}, inputs=("options",)),),
        delete=Call(operation="delete_certificate", params={"CertificateArn": "{id}"}),
        defaults={"keyAlgorithm": "RSA_2048"},
        tagging=Tagging(
            add=Call(operation="add_tags_to_certificate", params={"CertificateArn": "{id}"}),
            remove=Call(
                operation="remove_tags_from_certificate", params={"CertificateArn": "{id}", "Tags": "{tagSet}"}
            ),
            read=Call(operation="list_tags_for_certificate", params={"CertificateArn": "{id}"}, result="Tags"),
        ),
        outputs={
            "arn": "{id}",
            "validationMethod": lambda _api, scope: scope["DomainValidationOptions"][0].get("ValidationMethod"),
        },
    ),
)
