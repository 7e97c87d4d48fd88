"""The VPC and what is inside it."""

from collections.abc import Iterable
from typing import Any

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging

EC2_TAGS = Tagging(
    add=Call(operation="create_tags", params={"Resources": ["{id}"]}),
    remove=Call(operation="delete_tags", params={"Resources": ["{id}"], "Tags": "{tagSet}"}),
)


def _switches(operation: str, key: str, *names: str) -> tuple[Call, ...]:
    """One call for each boolean, as EC2's modify operations want it: `EnableDnsSupport={"Value": true}`."""
    return tuple(
        Call(
            operation=operation,
            inputs=(name,),
            params={key: "{id}", name[0].upper() + name[1:]: {"Value": f"{{{name}}}"}},
        )
        for name in names
    )


def _attribute(name: str) -> Call:
    member = name[0].upper() + name[1:]
    return Call(
        operation="describe_vpc_attribute",
        params={"VpcId": "{id}", "Attribute": name},
        result=f"{{{name}: {member}.Value}}",
    )


def _default(operation: str, filters: dict[str, str], result: str) -> Call:
    wanted = [{"Name": "vpc-id", "Values": ["{id}"]}, *({"Name": k, "Values": [v]} for k, v in filters.items())]
    return Call(operation=operation, params={"Filters": wanted}, result=result)


def _set_routes(api: Api, scope: Scope, old: Scope) -> None:
    for route in old.get("routes") or []:
        api.call("ec2", "delete_route", {"RouteTableId": scope["id"], **_destination(route)})
    for route in scope.get("routes") or []:
        targets = {
            f"{name[0].upper()}{name[1:]}": value
            for name, value in route.items()
            if value and name.endswith("Id") and not name.endswith("ListId")
        }
        api.call("ec2", "create_route", {"RouteTableId": scope["id"], **_destination(route), **targets})


def _destination(route: dict[str, Any]) -> dict[str, str]:
    names = {
        "cidrBlock": "DestinationCidrBlock",
        "ipv6CidrBlock": "DestinationIpv6CidrBlock",
        "destinationPrefixListId": "DestinationPrefixListId",
    }
    return {member: route[name] for name, member in names.items() if route.get(name)}


def _set_members(name: str, member: str) -> Step:
    def apply(api: Api, scope: Scope, old: Scope) -> None:
        new, before = _set(scope.get(name)), _set(old.get(name))
        changes = {f"Add{member}": sorted(new - before), f"Remove{member}": sorted(before - new)}
        api.call(
            "ec2",
            "modify_vpc_endpoint",
            {"VpcEndpointId": scope["id"], **{key: ids for key, ids in changes.items() if ids}},
        )

    return Step(inputs=(name,), apply=apply)


def _set(ids: Iterable[str] | None) -> set[str]:
    return set(ids or ())


_FLOW_LOG_TYPES = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}


def _flow_log_type(scope: Scope) -> str | None:
    return next((kind for name, kind in _FLOW_LOG_TYPES.items() if scope.get(name)), None)


def _flow_log_resource(scope: Scope) -> Any:
    return next((scope[name] for name in _FLOW_LOG_TYPES if scope.get(name)), None)


_FLOW_LOG_PREFIXES = {"vpcId": "vpc-", "subnetId": "subnet-", "eniId": "eni-"}


def _logged(prefix: str) -> Any:
    def read(_api: Api, scope: Scope) -> str | None:
        return str(scope["ResourceId"]) if scope["ResourceId"].startswith(prefix) else None

    return read


RESOURCES = (
    Resource(
        kind="aws:ec2/vpc:Vpc",
        service="ec2",
        id="{VpcId}",
        tagging=EC2_TAGS,
        create=Call(operation="create_vpc", inputs=None, result="Vpc"),
        read=(
            Call(operation="describe_vpcs", params={"VpcIds": ["{id}"]}, result="Vpcs[0]"),
            _attribute("enableDnsSupport"),
            _attribute("enableDnsHostnames"),
            _default(
                "describe_security_groups",
                {"group-name": "default"},
                "{defaultSecurityGroupId: SecurityGroups[0].GroupId}",
            ),
            _default(
                "describe_route_tables",
                {"association.main": "true"},
                "{mainRouteTableId: RouteTables[0].RouteTableId, defaultRouteTableId: RouteTables[0].RouteTableId}",
            ),
            _default(
                "describe_network_acls", {"default": "true"}, "{defaultNetworkAclId: NetworkAcls[0].NetworkAclId}"
            ),
        ),
        update=_switches(
            "modify_vpc_attribute",
            "VpcId",
            "enableDnsSupport",
            "enableDnsHostnames",
            "enableNetworkAddressUsageMetrics",
        ),
        delete=Call(operation="delete_vpc", params={"VpcId": "{id}"}),
        defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
        rename={"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"},
        outputs={"arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}", "ownerId": "{account}"},
    ),
    Resource(
        kind="aws:ec2/subnet:Subnet",
        service="ec2",
        id="{SubnetId}",
        tagging=EC2_TAGS,
        create=Call(operation="create_subnet", inputs=None, result="Subnet"),
        read=(Call(operation="describe_subnets", params={"SubnetIds": ["{id}"]}, result="Subnets[0]"),),
        update=_switches(
            "modify_subnet_attribute",
            "SubnetId",
            "mapPublicIpOnLaunch",
            "assignIpv6AddressOnCreation",
            "enableResourceNameDnsARecordOnLaunch",
        ),
        delete=Call(operation="delete_subnet", params={"SubnetId": "{id}"}),
        outputs={"arn": "arn:{partition}:ec2:{region}:{account}:subnet/{id}", "ownerId": "{account}"},
    ),
    Resource(
        kind="aws:ec2/routeTable:RouteTable",
        service="ec2",
        id="{RouteTableId}",
        tagging=EC2_TAGS,
        create=Call(operation="create_route_table", params={"VpcId": "{vpcId}"}, result="RouteTable"),
        read=(Call(operation="describe_route_tables", params={"RouteTableIds": ["{id}"]}, result="RouteTables[0]"),),
        update=(Step(inputs=("routes",), apply=_set_routes),),
        delete=Call(operation="delete_route_table", params={"RouteTableId": "{id}"}),
        unread=("routes",),
        outputs={
            "arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
            "ownerId": "{account}",
            "propagatingVgws": [],
        },
    ),
    Resource(
        kind="aws:ec2/routeTableAssociation:RouteTableAssociation",
        service="ec2",
        id="{AssociationId}",
        create=Call(operation="associate_route_table", inputs=None),
        read=(
            Call(
                operation="describe_route_tables",
                params={"Filters": [{"Name": "association.route-table-association-id", "Values": ["{id}"]}]},
                result="RouteTables[0].Associations[?RouteTableAssociationId=='{id}'] | [0]",
            ),
        ),
        delete=Call(operation="disassociate_route_table", params={"AssociationId": "{id}"}),
    ),
    Resource(
        kind="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        id="{VpcEndpointId}",
        tagging=EC2_TAGS,
        create=Call(operation="create_vpc_endpoint", inputs=None, result="VpcEndpoint"),
        read=(
            Call(
                operation="describe_vpc_endpoints",
                params={"VpcEndpointIds": ["{id}"]},
                result="VpcEndpoints[?State!='deleted'] | [0]",
            ),
            Call(
                operation="describe_vpc_endpoints",
                params={"VpcEndpointIds": ["{id}"]},
                result="{SecurityGroupIds: VpcEndpoints[0].Groups[].GroupId}",
            ),
            Call(
                operation="describe_prefix_lists",
                optional=True,
                result="{PrefixListId: PrefixLists[0].PrefixListId}",
                params={"Filters": [{"Name": "prefix-list-name", "Values": ["{serviceName}"]}]},
            ),
        ),
        update=(
            _set_members("subnetIds", "SubnetIds"),
            _set_members("routeTableIds", "RouteTableIds"),
            _set_members("securityGroupIds", "SecurityGroupIds"),
            Call(
                operation="modify_vpc_endpoint",
                params={"VpcEndpointId": "{id}"},
                inputs=("policy", "privateDnsEnabled", "dnsOptions", "ipAddressType"),
            ),
        ),
        delete=Call(operation="delete_vpc_endpoints", params={"VpcEndpointIds": ["{id}"]}),
        defaults={"vpcEndpointType": "Gateway"},
        rename={"policy": "PolicyDocument"},
        behaviour=("autoAccept",),
        outputs={"arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}", "ownerId": "{account}"},
    ),
    Resource(
        kind="aws:ec2/flowLog:FlowLog",
        service="ec2",
        id="{answer}",
        tagging=EC2_TAGS,
        create=Call(
            operation="create_flow_logs",
            inputs=None,
            result="FlowLogIds[0]",
            params={"ResourceType": _flow_log_type, "ResourceIds": [_flow_log_resource]},
        ),
        read=(Call(operation="describe_flow_logs", params={"FlowLogIds": ["{id}"]}, result="FlowLogs[0]"),),
        delete=Call(operation="delete_flow_logs", params={"FlowLogIds": ["{id}"]}),
        defaults={"logDestinationType": "cloud-watch-logs", "trafficType": "ALL"},
        rename={"iamRoleArn": "DeliverLogsPermissionArn"},
        fixed=("vpcId", "subnetId", "eniId"),
        outputs={
            "arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}",
            **{name: _logged(prefix) for name, prefix in _FLOW_LOG_PREFIXES.items()},
        },
    ),
)
