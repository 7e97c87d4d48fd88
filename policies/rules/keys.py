"""Which KMS keys are the organisation's own."""

import re

AWS_ALIAS = re.compile(r"(^|:)alias/aws/")


def own_key(key: str | None) -> bool:
    """Whether it names a customer-managed key: any but those that AWS keeps, whose policies nobody can change."""
    return bool(key) and not AWS_ALIAS.search(key or "")
