"""An empty AWS account in this process, and stacks to operate on."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader
from moto import mock_aws

from infra.operations.accounts import AwsAccount
from infra.operations.stacks import StackFile
from local.aws.emulator import amend
from tests.infra.conftest import ACCOUNT

REGION = "us-east-1"
STACK = """# Read by people too.
config:
  aws:region: us-east-1
  inference:environment: dev # as in development
  inference:tritonAccelerator: nvidia
  inference:accessRoles:
    deployer: inference-deployer
"""


UNKNOWN_TO_MOTO: Mapping[str, Any] = {
    "ListRecoveryPointsByBackupVault": {"RecoveryPoints": []},
    "DescribePullThroughCacheRules": {"pullThroughCacheRules": []},
    "DescribeRepositoryCreationTemplates": {"repositoryCreationTemplates": []},
}
"""What an account without any answers."""


@pytest.fixture(scope="session", autouse=True)
def models_read_once() -> Iterator[None]:
    """Every test opens an account of its own; botocore would read the models of the services anew each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", cache(JSONFileLoader.load_file))
        patched.setattr(JSONFileLoader, "__hash__", lambda self: 0)
        patched.setattr(JSONFileLoader, "__eq__", lambda self, other: isinstance(other, JSONFileLoader))
        yield


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers of operations that moto does not have; a test may put others in."""
    found, call = dict(UNKNOWN_TO_MOTO), BaseClient._make_api_call

    def answered(client: Any, operation: str, parameters: Any) -> Any:
        return found[operation] if operation in found else call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", answered)
    return found


@pytest.fixture
def aws(answers: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccount]:
    """The account; credentials are in the environment, as a user's are."""
    amend()
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield AwsAccount(session=boto3.Session(region_name=REGION), id=ACCOUNT, partition="aws", region=REGION)


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nobody has logged in to AWS."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.fixture
def stack(tmp_path: Path) -> StackFile:
    """The stack `dev`, in a folder of its own."""
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    return StackFile.read("dev", folder=tmp_path)


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that change something, as they are called from now on."""
    made: list[str] = []
    call = BaseClient._make_api_call
    reads = ("Get", "List", "Describe", "Head", "BatchGet")

    def noted(client: Any, operation: str, parameters: Any) -> Any:
        if not operation.startswith(reads):
            made.append(operation)
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return made


Refuse = Callable[[Mapping[str, str]], None]


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Makes AWS refuse operations, each with a code, where moto would not."""

    def refuse(codes: Mapping[str, str]) -> None:
        call = BaseClient._make_api_call

        def refused(client: Any, operation: str, parameters: Any) -> Any:
            if operation in codes:
                raise ClientError({"Error": {"Code": codes[operation], "Message": "Not so"}}, operation)
            return call(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", refused)

    return refuse
