"""What the tagging API knows: most of a stack, by the tags that the provider puts on everything."""

from collections.abc import Callable, Iterator, Mapping

from botocore.exceptions import ClientError

from infra.operations.leftovers.leftover import Leftover, Search

_GONE = ("terminated", "shutting-down", "deleting", "deleted")


def tagged(search: Search) -> Iterator[Leftover]:
    """Everything with the stack's tags, but for what the API still lists although it is gone or going."""
    filters = [{"Key": key, "Values": [value]} for key, value in search.tags.items()]
    for page in search.pages("resourcegroupstaggingapi", "get_resources", TagFilters=filters):
        for resource in page["ResourceTagMappingList"]:
            yield from _still_there(search, resource["ResourceARN"])


def _still_there(search: Search, arn: str) -> Iterator[Leftover]:
    look = _LOOKS.get(Leftover(arn).kind)
    try:
        found = look(search, arn) if look else Leftover(arn)
    except ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return
    if found:
        yield found


def _identity(arn: str) -> str:
    return arn.rpartition("/")[2]


def _key(search: Search, arn: str) -> Leftover | None:
    """A destroyed stack's keys wait for their deletion: AWS deletes none at once."""
    key = search.account.client("kms").describe_key(KeyId=arn)["KeyMetadata"]
    if key["KeyState"] != "PendingDeletion":
        return Leftover(arn)
    return Leftover(arn, excused=f"deleted on {key['DeletionDate']:%Y-%m-%d}")


def _instance(search: Search, arn: str) -> Leftover | None:
    found = search.account.client("ec2").describe_instances(InstanceIds=[_identity(arn)])["Reservations"]
    states = [instance["State"]["Name"] for reservation in found for instance in reservation["Instances"]]
    return None if set(states) <= set(_GONE) else Leftover(arn)


def _volume(search: Search, arn: str) -> Leftover | None:
    (volume,) = search.account.client("ec2").describe_volumes(VolumeIds=[_identity(arn)])["Volumes"]
    return None if volume["State"] in _GONE else Leftover(arn)


def _endpoint(search: Search, arn: str) -> Leftover | None:
    (endpoint,) = search.account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[_identity(arn)])["VpcEndpoints"]
    return None if endpoint["State"].lower() in _GONE else Leftover(arn)


_LOOKS: Mapping[str, Callable[[Search, str], Leftover | None]] = {
    "ec2:instance": _instance,
    "ec2:volume": _volume,
    "ec2:vpc-endpoint": _endpoint,
    "kms:key": _key,
}
"""By kind, what to ask before something counts that the API lists for hours after it is gone."""
