"""AWS's API as one seam: boto3 clients for one region of the emulated account, and what moto lacks beside them."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from local.aws import overlaid, remembered

_GONE = ("NotFound", "NoSuch", "DoesNotExist", "NotExist", "Nonexistent", "ResourceNotFound", "404")
_NO_SUCH = ("not owned by the current account", "not subscribed to AWS Security Hub")  # no such detector, no hub
_SETTINGS = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2, "mode": "standard"}, connect_timeout=5)
_client_lock = threading.Lock()  # sessions are not thread-safe while they make clients


class ApiError(Exception):
    """An operation that AWS refused, or that did not reach it; the text is one sentence."""


class GoneError(ApiError):
    """An operation on something that does not exist."""


@dataclass(frozen=True)
class Api:
    """Calls of AWS operations by boto3's method names. Safe to use from several threads."""

    endpoint: str
    ca_certificate: str | None = None
    """PEM file of the authority behind the endpoint's certificate; None: AWS_CA_BUNDLE, or the system's."""
    region: str = "us-east-1"
    partition: str = "aws"
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        with _client_lock:
            if service not in self._clients:
                client = self._clients[service] = boto3.client(
                    service,
                    region_name=self.region,
                    endpoint_url=self.endpoint,
                    verify=self.ca_certificate,
                    config=_SETTINGS,
                    aws_access_key_id="emulated",
                    aws_secret_access_key="emulated",  # noqa: S106 - moto takes any
                )
                client.meta.events.register("before-sign.s3-control", _leave_account_out)
            return self._clients[service]

    @cached_property
    def account(self) -> str:
        """The account's number."""
        return str(self.call("sts", "get_caller_identity", {})["Account"])

    def shape(self, service: str, operation: str) -> Any:
        """botocore's shape of an operation's parameters."""
        client = self.client(service)
        return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape

    def pages(self, service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Any]:
        """The responses of an operation that answers in pages; raises as `call` does."""
        with _in_one_sentence(operation):
            yield from self.client(service).get_paginator(operation).paginate(**params)

    def upload(self, path: str, *, Bucket: str, Key: str, headers: Mapping[str, Any]) -> None:
        """Put a file into S3, a large one in parts; raises ApiError."""
        with _in_one_sentence("upload_file"):
            self.client("s3").upload_file(path, Bucket, Key, ExtraArgs=dict(headers))

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Any:
        """The response of an operation; raises GoneError, or ApiError with the reason, in one sentence."""
        with _in_one_sentence(operation):
            if remembered.lacks(service, operation, params):
                return remembered.answer(self, service, operation, dict(params))
            if overlaid.concerns(service, operation, params):
                return overlaid.answer(self, operation, dict(params))
            return getattr(self.client(service), operation)(**params)


def _leave_account_out(request: Any, **_: Any) -> None:
    """S3 Control has a host for each account; the emulator has one for all."""
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


@contextmanager
def _in_one_sentence(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, message = (" ".join(str(error.response["Error"].get(name, "")).split()) for name in ("Code", "Message"))
        kind = GoneError if any(mark in code for mark in _GONE) or any(say in message for say in _NO_SUCH) else ApiError
        raise kind(f"{operation} was refused: {code}: {message.rstrip('.')}.") from None
    except ParamValidationError as error:
        raise ApiError(f"{operation}: {' '.join(str(error).split())}.") from None
    except BotoCoreError as error:
        raise ApiError(f"{operation} did not reach the AWS emulator ({error}): start it with `make up`.") from None
    except ResponseParserError:
        raise ApiError(f"{operation} failed inside the AWS emulator: its log (moto.log) says why.") from None
    except (S3UploadFailedError, OSError) as error:
        raise ApiError(f"{operation} failed: {error}.") from None
