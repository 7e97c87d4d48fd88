"""Where alarms go: an encrypted topic, and the mailbox of who answers for security. 164.308(a)(6)(ii)."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document


@dataclass(frozen=True)
class SecurityTopicArgs:
    """`contact` is an e-mail address; the key must let CloudWatch and EventBridge use it."""

    context: Context
    key_arn: pulumi.Input[str]
    contact: str


class SecurityTopic(pulumi.ComponentResource):
    """A topic to which only this stack's alarms and AWS's event service publish, over TLS.

    AWS sends the contact a letter first, and nothing else until they confirm it. Destroying it, in any stack, removes
    topic and subscription; a subscription that was never confirmed is forgotten and expires at AWS.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecurityTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:SecurityTopic", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        self._context = args.context
        topic_name = f"{args.context.name}-security"
        topic = aws.sns.Topic(
            "topic",
            name=topic_name,
            kms_master_key_id=args.key_arn,
            policy=self._policy(args.context.account.arn("sns", topic_name)),
            opts=here,
        )
        self.arn = topic.arn
        aws.sns.TopicSubscription(
            "security-contact", topic=topic.arn, protocol="email", endpoint=args.contact, opts=here
        )
        self.register_outputs({"arn": self.arn})

    def _policy(self, topic: pulumi.Output[str]) -> pulumi.Output[str]:
        account = self._context.account
        publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}
        return policy_document(
            publish
            | {
                "Sid": "AlarmsPublish",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account.id},
                    "ArnLike": {"aws:SourceArn": account.arn("cloudwatch", f"alarm:{self._context.name}-*")},
                },
            },
            # EventBridge meets no condition here, so that one would drop every finding without a trace:
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
            publish | {"Sid": "EventsPublish", "Principal": {"Service": "events.amazonaws.com"}},
            publish
            | {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        )
