"""Which repositories ECR scans when an image is pushed: one setting for all stacks, and others, of an account and region."""

from typing import Any

from infra.operations.accounts import AwsAccount
from infra.operations.errors import say

FILTER = "inference-*"
_RULE = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": FILTER, "filterType": "WILDCARD"}]}


def ensure_image_scanning(account: AwsAccount) -> None:
    """Adds a rule for the stacks' repositories, those of their caches included, unless there is one; others' rules stay.

    Here rather than in the program, because two stacks of an account would each replace the other's rules, and
    destroying one would end the scans of the other. Enhanced scanning (Amazon Inspector), if chosen, stays chosen.
    """
    ecr = account.client("ecr")
    current: dict[str, Any] = ecr.get_registry_scanning_configuration()["scanningConfiguration"]
    rules = current.get("rules", [])
    if any(_covers(rule) for rule in rules):
        return
    ecr.put_registry_scanning_configuration(scanType=current.get("scanType", "BASIC"), rules=[*rules, _RULE])
    say(f"set: images pushed to {FILTER} are scanned")


def _covers(rule: dict[str, Any]) -> bool:
    filters = {each["filter"] for each in rule["repositoryFilters"]}
    return rule["scanFrequency"] != "MANUAL" and bool({FILTER, "*"} & filters)
