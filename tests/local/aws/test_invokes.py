"""The functions of pulumi-aws."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from local.aws.codec import decode_struct, encode_struct
from tests.local.aws.plugin import Aborted, Context, Plugin


@pytest.mark.parametrize(
    ("token", "args", "expected"),
    [
        ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "123456789012"}),
        ("aws:index/getRegion:getRegion", {}, {"region": "us-east-1"}),
        ("aws:index/getPartition:getPartition", {}, {"partition": "aws", "dnsSuffix": "amazonaws.com"}),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"state": "available", "excludeNames": ["us-east-1a"]},
            {"names": ["us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"]},
        ),
        ("aws:ec2/getAmi:getAmi", {"owners": ["amazon"], "mostRecent": True}, {"architecture": "x86_64"}),
        (
            "aws:ec2/getPrefixList:getPrefixList",
            {"name": "com.amazonaws.us-east-1.s3"},
            {"name": "com.amazonaws.us-east-1.s3"},
        ),
        (
            "aws:ssm/getParameter:getParameter",
            {"name": "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"},
            {"type": "String"},
        ),
        (
            "aws:ssm/getParameter:getParameter",
            {"name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"},
            {"type": "String"},
        ),
    ],
)
def test_functions(plugin: Plugin, token: str, args: dict[str, Any], expected: dict[str, Any]) -> None:
    """The functions that programs call answer from the emulator."""
    answer = plugin.provider.Invoke(pb.InvokeRequest(tok=token, args=encode_struct(args)), Context())
    assert decode_struct(getattr(answer, "return")).items() >= expected.items()


def test_an_unknown_function_is_refused(plugin: Plugin) -> None:
    """The sentence says which functions there are."""
    with pytest.raises(Aborted, match=r"the emulator does not have this function; it has .*getCallerIdentity"):
        plugin.provider.Invoke(pb.InvokeRequest(tok="aws:ec2/getVpc:getVpc"), Context())
