"""IAM policy documents."""

from typing import Any

import pulumi


def policy_document(*statements: dict[str, Any]) -> pulumi.Output[str]:
    """The statements as JSON; values in them may be outputs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def assumed_by_service(service: str, **conditions: object) -> pulumi.Output[str]:
    """Trust policy for an AWS service, under `conditions` (operator to its keys) where given."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return policy_document(statement | ({"Condition": conditions} if conditions else {}))
