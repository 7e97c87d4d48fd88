"""What every component of a stack needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws

from infra.account import Account
from infra.config import StackConfig
from infra.providers import tags


@dataclass(frozen=True)
class Context:
    """`name` is the cluster's and begins every other name; `log_retention_days` is one that CloudWatch Logs offers."""

    name: str
    account: Account
    tags: Mapping[str, str]
    deletion_protection: bool
    log_retention_days: int

    @classmethod
    def of(cls, config: StackConfig, provider: aws.Provider) -> "Context":
        """The context of the stack that `config` describes, in the account of `provider`."""
        return cls(
            name=config.name,
            account=Account.current(provider, region=config.region),
            tags=tags(config),
            deletion_protection=config.deletion_protection,
            log_retention_days=config.audit_log_retention_days,
        )
