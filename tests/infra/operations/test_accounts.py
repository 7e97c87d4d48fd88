"""The commands know whose account they work in before they do anything."""

import pytest

from infra.operations.accounts import AwsAccount
from infra.operations.errors import OperationError
from tests.infra.conftest import ACCOUNT
from tests.infra.operations.conftest import Refuse


def test_the_account_is_that_of_the_credentials(aws: AwsAccount) -> None:
    """Its number and partition go into names and ARNs."""
    found = AwsAccount.open("eu-west-1")
    assert (found.id, found.partition, found.region) == (ACCOUNT, "aws", "eu-west-1")
    assert found.client("ec2").meta.region_name == "eu-west-1"
    assert found.role_arn("inference-deployer") == f"arn:aws:iam::{ACCOUNT}:role/inference-deployer"


def test_credentials_that_aws_does_not_take_are_one_sentence(aws: AwsAccount, refusals: Refuse) -> None:
    """Expired, or in a region that the account has not enabled: AWS says the same for both."""
    refusals({"GetCallerIdentity": "InvalidClientTokenId"})
    with pytest.raises(OperationError, match=r"AWS does not take these credentials in us-east-1 \(Not so\): log in"):
        AwsAccount.open("us-east-1")


def test_a_profile_that_is_not_there_is_one_sentence(no_credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As is nobody being logged in."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(OperationError, match=r"There are no AWS credentials \(.*nobody.*\): log in"):
        AwsAccount.open("us-east-1")
