"""The AWS account that the credentials in the environment are for."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from infra.operations.errors import OperationError

_SETTINGS = Config(retries={"max_attempts": 5, "mode": "standard"}, connect_timeout=10, read_timeout=60)
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, ProfileNotFound, SSOError, TokenRetrievalError)


@dataclass(frozen=True)
class AwsAccount:
    """One region of an account; `session` makes the clients."""

    session: Any
    id: str
    partition: str
    region: str

    @classmethod
    def open(cls, region: str) -> "AwsAccount":
        """The account in `region`; raises OperationError where there are no credentials, or none that AWS takes there."""
        try:
            session = boto3.Session(region_name=region)
            if region not in _regions(session):
                raise OperationError(f"{region} is no region of AWS: correct aws:region in the stack's file.")
            caller = session.client("sts", config=_SETTINGS).get_caller_identity()
        except _NO_CREDENTIALS as error:
            raise OperationError(
                f"There are no AWS credentials ({error}): log in with `aws sso login`, or set AWS_PROFILE."
            ) from None
        except EndpointConnectionError as error:
            raise OperationError(f"AWS cannot be reached ({error}): check the connection.") from None
        except ClientError as error:
            said = error.response["Error"]["Message"].rstrip(".")
            raise OperationError(
                f"AWS does not take these credentials in {region} ({said}): log in again, or enable the region."
            ) from None
        partition = str(caller["Arn"]).split(":")[1]
        return cls(session=session, id=caller["Account"], partition=partition, region=region)

    def client(self, service: str) -> Any:
        """The client of a service in this region."""
        return self.session.client(service, config=_SETTINGS)

    def role_arn(self, role: str) -> str:
        """ARN of a role given by name, or `role` itself when it is an ARN."""
        return role if role.startswith("arn:") else f"arn:{self.partition}:iam::{self.id}:role/{role}"

    @property
    def root(self) -> str:
        """Principal that stands for the account: its own IAM policies then decide."""
        return f"arn:{self.partition}:iam::{self.id}:root"


def _regions(session: Any) -> set[str]:
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sts", partition_name=partition)
    }
