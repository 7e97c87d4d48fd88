"""Security groups and their rules."""

from typing import Any

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging
from local.aws.resources.network import EC2_TAGS

_GROUP = Call(operation="describe_security_groups", params={"GroupIds": ["{id}"]}, result="SecurityGroups[0]")
_SOURCES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}


def _permission(rule: dict[str, Any], group: str) -> dict[str, Any]:
    """An inline rule as the API's IpPermission; a rule about the group itself says so with `self`."""
    described = {"Description": rule["description"]} if rule.get("description") else {}
    ports = {} if rule["protocol"] == "-1" else {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    sources = {name: list(rule.get(name) or []) for name in _SOURCES}
    if rule.get("self"):
        sources["securityGroups"].append(group)
    given = {
        member: [{key: value, **described} for value in sources[name]]
        for name, (member, key) in _SOURCES.items()
        if sources[name]
    }
    return {"IpProtocol": rule["protocol"], **ports, **given}


def _inline(direction: str) -> Step:
    def apply(api: Api, scope: Scope, old: Scope) -> None:
        for verb, rules in (("revoke", old.get(direction)), ("authorize", scope.get(direction))):
            if rules:
                api.call(
                    "ec2",
                    f"{verb}_security_group_{direction}",
                    {"GroupId": scope["id"], "IpPermissions": [_permission(rule, scope["id"]) for rule in rules]},
                )

    return Step(inputs=(direction,), apply=apply)


def _revoke_all(api: Api, scope: Scope) -> None:
    """The real provider removes the rules that EC2 puts into a new group (egress to everywhere)."""
    rules = api.call(
        "ec2", "describe_security_group_rules", {"Filters": [{"Name": "group-id", "Values": [scope["id"]]}]}
    )["SecurityGroupRules"]
    for direction, egress in (("egress", True), ("ingress", False)):
        ids = [rule["SecurityGroupRuleId"] for rule in rules if rule["IsEgress"] is egress]
        if ids:
            api.call("ec2", f"revoke_security_group_{direction}", {"GroupId": scope["id"], "SecurityGroupRuleIds": ids})


def _inline_rules(member: str) -> Any:
    def read(_api: Api, scope: Scope) -> list[dict[str, Any]]:
        return [_inline_rule(permission, scope["id"]) for permission in scope.get(member) or []]

    return read


def _inline_rule(permission: dict[str, Any], group: str) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
    }
    described = ""
    for name, (member, key) in _SOURCES.items():
        entries = permission.get(member) or []
        rule[name] = [entry[key] for entry in entries if entry[key] != group]
        described = next((entry["Description"] for entry in entries if entry.get("Description")), described)
    own = any(entry["GroupId"] == group for entry in permission.get("UserIdGroupPairs") or [])
    return {**rule, "self": own, "description": described}


def _rule_permission(scope: Scope) -> list[dict[str, Any]]:
    """One rule resource as the API's IpPermissions."""
    ports = {member: scope[name] for name, member in (("fromPort", "FromPort"), ("toPort", "ToPort")) if name in scope}
    described = {"Description": scope["description"]} if scope.get("description") else {}
    sources = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    given = {member: [{key: scope[name], **described}] for name, (member, key) in sources.items() if scope.get(name)}
    return [{"IpProtocol": scope["ipProtocol"], **(ports if scope["ipProtocol"] != "-1" else {}), **given}]


def _port(member: str) -> Any:
    def read(_api: Api, scope: Scope) -> int | None:
        return None if scope["IpProtocol"] == "-1" else scope.get(member)

    return read


def _rule(direction: str) -> Resource:
    title = direction.capitalize()
    return Resource(
        kind=f"aws:vpc/securityGroup{title}Rule:SecurityGroup{title}Rule",
        service="ec2",
        id="{SecurityGroupRuleId}",
        create=Call(
            operation=f"authorize_security_group_{direction}",
            result="SecurityGroupRules[0]",
            params={"GroupId": "{securityGroupId}", "IpPermissions": _rule_permission},
        ),
        read=(
            Call(
                operation="describe_security_group_rules",
                params={"SecurityGroupRuleIds": ["{id}"]},
                result="SecurityGroupRules[0]",
            ),
        ),
        delete=Call(
            operation=f"revoke_security_group_{direction}",
            params={"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]},
        ),
        fixed=(
            "ipProtocol",
            "fromPort",
            "toPort",
            "cidrIpv4",
            "cidrIpv6",
            "prefixListId",
            "referencedSecurityGroupId",
            "description",
        ),
        rename={"securityGroupId": "GroupId"},
        tagging=EC2_TAGS,
        outputs={
            "arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}",
            "securityGroupRuleId": "{id}",
            "securityGroupId": "{GroupId}",
            "fromPort": _port("FromPort"),
            "toPort": _port("ToPort"),
            "referencedSecurityGroupId": lambda _api, scope: (scope.get("ReferencedGroupInfo") or {}).get("GroupId"),
        },
    )


def _adopt(scope: Scope) -> list[dict[str, Any]]:
    return [{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [scope["vpcId"]]}]


_GROUP_OUTPUTS = {
    "arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    "ownerId": "{account}",
    "ingress": _inline_rules("IpPermissions"),
    "egress": _inline_rules("IpPermissionsEgress"),
}

RESOURCES = (
    Resource(
        kind="aws:ec2/securityGroup:SecurityGroup",
        service="ec2",
        id="{GroupId}",
        tagging=EC2_TAGS,
        autoname="name",
        create=Call(operation="create_security_group", inputs=None),
        created=_revoke_all,
        read=(_GROUP,),
        update=(_inline("ingress"), _inline("egress")),
        delete=Call(operation="delete_security_group", params={"GroupId": "{id}"}),
        rename={"name": "GroupName"},
        defaults={"description": "Managed by Pulumi"},
        behaviour=("revokeRulesOnDelete",),
        outputs=_GROUP_OUTPUTS,
    ),
    Resource(
        kind="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        service="ec2",
        id="{GroupId}",
        # Nothing is created: the group is the VPC's own, taken over and emptied.
        create=Call(operation="describe_security_groups", params={"Filters": _adopt}, result="SecurityGroups[0]"),
        created=_revoke_all,
        read=(_GROUP,),
        update=(_inline("ingress"), _inline("egress")),
        delete=None,
        fixed=("vpcId",),
        rename={"name": "GroupName"},
        behaviour=("revokeRulesOnDelete",),
        outputs=_GROUP_OUTPUTS,
        tagging=Tagging(add=EC2_TAGS.add, remove=EC2_TAGS.remove, on_create=False),
    ),
    _rule("ingress"),
    _rule("egress"),
)
