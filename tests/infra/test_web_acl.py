"""What AWS WAF refuses, what it must not refuse, and what it must not keep."""

import json
from typing import Any

import pytest

from infra.web_acl import REQUESTS_PER_WINDOW, WebAcl, WebAclArgs
from tests.infra.components import NAME, Component, context, run_component

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/inference/1"
LOGS_KEY = "arn:aws:kms:us-east-1:123456789012:key/logs"


@pytest.fixture(scope="module")
def guard() -> Component:
    """The web ACL of one load balancer."""

    def build() -> None:
        WebAcl("web-acl", WebAclArgs(context(), BALANCER, LOGS_KEY))

    return run_component(build)


def rules(guard: Component) -> dict[str, dict[str, Any]]:
    """The web ACL's rules by name."""
    return {rule["name"]: rule for rule in guard.only("wafv2/webAcl:WebAcl")["rules"]}


def counted(guard: Component, group: str) -> set[str]:
    """Rules of a managed group that count instead of refusing."""
    overrides = rules(guard)[group]["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
    assert all(override["actionToUse"] == {"count": {}} for override in overrides)
    return {override["name"] for override in overrides}


def test_it_guards_the_load_balancer(guard: Component) -> None:
    """A regional web ACL is associated with the balancer that was given."""
    assert guard.only("wafv2/webAcl:WebAcl")["scope"] == "REGIONAL"
    assert guard.only("WebAclAssociation")["resourceArn"] == BALANCER


def test_known_attacks_are_refused(guard: Component) -> None:
    """The managed groups keep their own actions, except for the rules that are listed."""
    for group in ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"):
        assert rules(guard)[group]["overrideAction"] == {"none": {}}
        assert rules(guard)[group]["statement"]["managedRuleGroupStatement"]["vendorName"] == "AWS"
    assert counted(guard, "AWSManagedRulesKnownBadInputsRuleSet") == set()


def test_no_text_that_the_gateway_takes_is_refused(guard: Component) -> None:
    """Long bodies, and what looks like markup, paths or addresses in them, are counted; their like in a URL is not."""
    assert counted(guard, "AWSManagedRulesCommonRuleSet") == {
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "NoUserAgent_HEADER",
    }


def test_an_address_that_asks_too_often_is_told_so(guard: Component) -> None:
    """429 for an address over its requests in five minutes, before any other rule looks at them."""
    limit = rules(guard)["rate-limit"]
    statement = limit["statement"]["rateBasedStatement"]
    assert (statement["aggregateKeyType"], statement["evaluationWindowSec"]) == ("IP", 300)
    assert statement["limit"] == REQUESTS_PER_WINDOW
    assert limit["action"]["block"]["customResponse"]["responseCode"] == 429
    assert limit["priority"] == min(rule["priority"] for rule in rules(guard).values())


def test_every_rule_has_a_priority_of_its_own(guard: Component) -> None:
    """WAF takes no two rules with the same priority."""
    priorities = [rule["priority"] for rule in rules(guard).values()]
    assert len(set(priorities)) == len(priorities) == 3


def test_no_request_is_sampled(guard: Component) -> None:
    """Neither the web ACL nor a rule keeps requests; their metrics stay."""
    for settings in (guard.only("wafv2/webAcl:WebAcl"), *rules(guard).values()):
        assert settings["visibilityConfig"]["sampledRequestsEnabled"] is False
        assert settings["visibilityConfig"]["cloudwatchMetricsEnabled"] is True


def test_bodies_queries_and_tokens_never_leave_waf(guard: Component) -> None:
    """They are replaced in everything that WAF writes, in what its rules quote as well."""
    protections = guard.only("wafv2/webAcl:WebAcl")["dataProtectionConfig"]["dataProtections"]
    assert {each["action"] for each in protections} == {"SUBSTITUTION"}
    assert not any(each.get("excludeRuleMatchDetails") or each.get("excludeRateBasedDetails") for each in protections)
    fields = {each["field"]["fieldType"]: each["field"].get("fieldKeys") for each in protections}
    assert fields == {"BODY": None, "QUERY_STRING": None, "SINGLE_HEADER": ["authorization", "cookie"]}


def test_requests_are_logged_encrypted_for_six_years(guard: Component) -> None:
    """The log group has the name that WAF wants, the key for logs, and the stack's retention."""
    group = guard.only("LogGroup")
    assert group["name"] == f"aws-waf-logs-{NAME}"
    assert group["kmsKeyId"] == LOGS_KEY
    assert group["retentionInDays"] >= 2192
    assert guard.only("WebAclLoggingConfiguration")["logDestinationConfigs"] == [
        "arn:aws:cloudwatch:us-east-1:123456789012:web-acl-logs"
    ]


def test_only_this_accounts_logs_are_delivered(guard: Component) -> None:
    """The delivery service writes to this one group, on behalf of this account."""
    (statement,) = json.loads(guard.only("LogResourcePolicy")["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert statement["Resource"].endswith(":web-acl-logs:*")
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert "web-acl-log-delivery" in guard.waits_for("web-acl-logging")
