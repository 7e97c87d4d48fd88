"""The topic takes what this stack's alarms and AWS's events say, and passes it to one person."""

import json
from typing import Any

import pytest

from infra.audit.topic import SecurityTopic, SecurityTopicArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT

ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:inference-test-security"


@pytest.fixture(scope="module")
def topic() -> Component:
    """The topic by itself."""

    def build() -> None:
        SecurityTopic("security-topic", SecurityTopicArgs(context(), "topics-key", "security@example.org"))

    return run_component(build)


@pytest.fixture(scope="module")
def statements(topic: Component) -> dict[str, dict[str, Any]]:
    """The statements of the topic's policy by their Sid."""
    return {each["Sid"]: each for each in json.loads(topic.only("Topic")["policy"])["Statement"]}


def test_messages_are_encrypted_with_the_topics_key(topic: Component) -> None:
    """What waits for delivery is encrypted."""
    assert topic.only("Topic")["kmsMasterKeyId"] == "topics-key"
    assert topic.only("Topic")["name"] == "inference-test-security"


def test_contact_is_subscribed(topic: Component) -> None:
    """The stack's security contact gets the messages by e-mail."""
    subscription = topic.only("TopicSubscription")
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "security@example.org")


def test_policy_admits_two_services_and_nobody_else(statements: dict[str, dict[str, Any]]) -> None:
    """Whoever else publishes needs a right in IAM of this account."""
    admitted = {sid: each["Principal"] for sid, each in statements.items() if each["Effect"] == "Allow"}
    assert admitted == {
        "AlarmsPublish": {"Service": "cloudwatch.amazonaws.com"},
        "EventsPublish": {"Service": "events.amazonaws.com"},
    }
    assert {each["Action"] for each in statements.values()} == {"sns:Publish"}
    assert {each["Resource"] for each in statements.values()} == {ARN}


def test_only_alarms_of_this_stack_publish(statements: dict[str, dict[str, Any]]) -> None:
    """CloudWatch is admitted for alarms of this account whose names begin with the stack's."""
    assert statements["AlarmsPublish"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:inference-test-*"},
    }


def test_events_are_admitted_without_condition(statements: dict[str, dict[str, Any]]) -> None:
    """EventBridge meets no condition of a topic's policy: with one, every finding would be lost."""
    assert "Condition" not in statements["EventsPublish"]


def test_nobody_publishes_without_tls(statements: dict[str, dict[str, Any]]) -> None:
    """Plain connections are denied to everybody."""
    denied = statements["TlsOnly"]
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
