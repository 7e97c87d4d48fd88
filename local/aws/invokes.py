"""The functions of pulumi-aws that programs call (`aws.get_caller_identity()`, …)."""

from collections.abc import Callable, Mapping
from typing import Any

from local.aws.api import Api


class InvokeError(Exception):
    """A function that the emulator lacks, or that found nothing; one sentence."""


def _identity(api: Api, _args: Mapping[str, Any]) -> dict[str, Any]:
    found = api.call("sts", "get_caller_identity", {})
    return {"id": found["Account"], "accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"]}


def _region(api: Api, args: Mapping[str, Any]) -> dict[str, Any]:
    name = args.get("region") or args.get("name") or api.region
    return {"id": name, "name": name, "region": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def _partition(api: Api, _args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": api.partition,
        "partition": api.partition,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _zones(api: Api, args: Mapping[str, Any]) -> dict[str, Any]:
    zones = api.call("ec2", "describe_availability_zones", _filters(args))["AvailabilityZones"]
    zones = [
        zone
        for zone in zones
        if args.get("state") in (None, zone["State"])
        and zone["ZoneName"] not in (args.get("excludeNames") or ())
        and zone["ZoneId"] not in (args.get("excludeZoneIds") or ())
    ]
    return {
        **args,
        "id": api.region,
        "region": api.region,
        "names": [zone["ZoneName"] for zone in zones],
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": sorted({zone.get("GroupName", api.region) for zone in zones}),
    }


def _image(api: Api, args: Mapping[str, Any]) -> dict[str, Any]:
    owners = {"Owners": args["owners"]} if args.get("owners") else {}
    images = sorted(
        api.call("ec2", "describe_images", {**owners, **_filters(args)})["Images"],
        key=lambda image: image["CreationDate"],
        reverse=True,
    )
    if not images or (len(images) > 1 and not args.get("mostRecent")):
        raise InvokeError(f"the query matched {len(images)} images; make it match one, or set mostRecent.")
    image = images[0]
    found = {key[0].lower() + key[1:]: value for key, value in image.items() if isinstance(value, str | bool)}
    return {
        **args,
        **found,
        "id": image["ImageId"],
        "region": api.region,
        "tags": {},
        "blockDeviceMappings": [],
        "arn": f"arn:{api.partition}:ec2:{api.region}::image/{image['ImageId']}",
        "productCodes": [],
    }


def _parameter(api: Api, args: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {"Name": args["name"], "WithDecryption": args.get("withDecryption", True)}
    found = api.call("ssm", "get_parameter", wanted)["Parameter"]
    return {
        **args,
        "id": found["Name"],
        "arn": found["ARN"],
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": found["Value"],
        "version": found["Version"],
        "region": api.region,
    }


def _prefix_list(api: Api, args: Mapping[str, Any]) -> dict[str, Any]:
    ids = {"PrefixListIds": [args["prefixListId"]]} if args.get("prefixListId") else {}
    filters = _filters(args).get("Filters", [])
    if args.get("name"):
        filters = [*filters, {"Name": "prefix-list-name", "Values": [args["name"]]}]
    lists = api.call("ec2", "describe_prefix_lists", {**ids, **({"Filters": filters} if filters else {})})[
        "PrefixLists"
    ]
    if len(lists) != 1:
        raise InvokeError(f"the query matched {len(lists)} prefix lists; make it match one.")
    found = lists[0]
    return {
        **args,
        "id": found["PrefixListId"],
        "name": found["PrefixListName"],
        "cidrBlocks": found.get("Cidrs", []),
        "region": api.region,
    }


def _filters(args: Mapping[str, Any]) -> dict[str, Any]:
    filters = args.get("filters") or []
    return {"Filters": [{"Name": item["name"], "Values": item["values"]} for item in filters]} if filters else {}


FUNCTIONS: Mapping[str, Callable[[Api, Mapping[str, Any]], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:ec2/getAmi:getAmi": _image,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ssm/getParameter:getParameter": _parameter,
}


def invoke(api: Api, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The function's result; raises InvokeError or ApiError."""
    function = FUNCTIONS.get(token)
    if function is None:
        known = ", ".join(sorted(name.rpartition(":")[2] for name in FUNCTIONS))
        raise InvokeError(f"the emulator does not have this function; it has {known}.")
    return function(api, args)
