"""What the tagging API does not know: things without tags, of services that it lacks, or made by AWS for the cluster."""

from collections.abc import Iterator

from infra.operations.leftovers.leftover import Finder, Leftover, Search

EKS_TAG = "aws:eks:cluster-name"
"""What EKS puts on the security group of a cluster."""


def log_groups(search: Search) -> Iterator[Leftover]:
    """Groups that a service makes anew when it writes after the program deleted its own."""
    name = search.stack.name
    for prefix in (f"/aws/eks/{name}/", f"/aws/containerinsights/{name}/", f"/{name}/", f"aws-waf-logs-{name}"):
        for page in search.pages("logs", "describe_log_groups", logGroupNamePrefix=prefix):
            for group in page["logGroups"]:
                if prefix.endswith("/") or group["logGroupName"] == prefix:
                    yield Leftover(group["arn"].removesuffix(":*"))


def network_interfaces(search: Search) -> Iterator[Leftover]:
    """Interfaces of the control plane, which EKS describes so, and of pods, which the CNI tags with the cluster's name."""
    name = search.stack.name
    for criterion, value in (("description", f"Amazon EKS {name}"), ("tag:cluster.k8s.amazonaws.com/name", name)):
        for page in search.pages(
            "ec2", "describe_network_interfaces", Filters=[{"Name": criterion, "Values": [value]}]
        ):
            for interface in page["NetworkInterfaces"]:
                yield Leftover(search.arn("ec2", f"network-interface/{interface['NetworkInterfaceId']}"))


def volumes(search: Search) -> Iterator[Leftover]:
    """Volumes of nodes, by the name in their launch templates, and of pods, by the tag of the cluster that made them."""
    name = search.stack.name
    for criterion, value in (("tag:Name", f"{name}-*"), (f"tag:kubernetes.io/cluster/{name}", "owned")):
        for page in search.pages("ec2", "describe_volumes", Filters=[{"Name": criterion, "Values": [value]}]):
            for volume in page["Volumes"]:
                if volume["State"] != "deleting" and search.is_its_own(volume.get("Tags", [])):
                    yield Leftover(search.arn("ec2", f"volume/{volume['VolumeId']}"))


def security_groups(search: Search) -> Iterator[Leftover]:
    """The group that EKS makes for every cluster, which has EKS's tags and not ours."""
    ours = [{"Name": f"tag:{EKS_TAG}", "Values": [search.stack.name]}]
    for page in search.pages("ec2", "describe_security_groups", Filters=ours):
        for group in page["SecurityGroups"]:
            yield Leftover(search.arn("ec2", f"security-group/{group['GroupId']}"))


def scaling_groups(search: Search) -> Iterator[Leftover]:
    """The groups behind the node groups."""
    ours = [{"Name": "tag:eks:cluster-name", "Values": [search.stack.name]}]
    for page in search.pages("autoscaling", "describe_auto_scaling_groups", Filters=ours):
        for group in page["AutoScalingGroups"]:
            yield Leftover(group["AutoScalingGroupARN"])


def roles(search: Search) -> Iterator[Leftover]:
    """Roles by name: the API lacks IAM."""
    iam = search.account.client("iam")
    for page in search.pages("iam", "list_roles"):
        for role in page["Roles"]:
            name = role["RoleName"]
            if _named(search, name) and search.is_its_own(iam.list_role_tags(RoleName=name)["Tags"]):
                yield Leftover(role["Arn"])


def policies(search: Search) -> Iterator[Leftover]:
    """The account's own policies by name."""
    iam = search.account.client("iam")
    for page in search.pages("iam", "list_policies", Scope="Local"):
        for policy in page["Policies"]:
            arn = policy["Arn"]
            if _named(search, policy["PolicyName"]) and search.is_its_own(iam.list_policy_tags(PolicyArn=arn)["Tags"]):
                yield Leftover(arn)


def instance_profiles(search: Search) -> Iterator[Leftover]:
    """Instance profiles by name."""
    iam = search.account.client("iam")
    for page in search.pages("iam", "list_instance_profiles"):
        for profile in page["InstanceProfiles"]:
            name = profile["InstanceProfileName"]
            if _named(search, name):
                tags = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"].get("Tags", [])
                if search.is_its_own(tags):
                    yield Leftover(profile["Arn"])


def issuers(search: Search) -> Iterator[Leftover]:
    """The issuer of the cluster's tokens, whose name tells nothing, by its tags."""
    iam = search.account.client("iam")
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = provider["Arn"]
        tags = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]
        if search.tags.items() <= {tag["Key"]: tag["Value"] for tag in tags}.items():
            yield Leftover(arn)


def _named(search: Search, name: str) -> bool:
    return name.startswith(f"{search.stack.name}-")


def key_aliases(search: Search) -> Iterator[Leftover]:
    """Aliases, which have no tags."""
    for page in search.pages("kms", "list_aliases"):
        for alias in page["Aliases"]:
            if alias["AliasName"].startswith(f"alias/{search.stack.name}/"):
                yield Leftover(alias["AliasArn"])


def repositories(search: Search) -> Iterator[Leftover]:
    """Repositories by name: ECR makes those of its caches."""
    for page in search.pages("ecr", "describe_repositories"):
        for repository in page["repositories"]:
            if repository["repositoryName"].startswith(f"{search.stack.name}/"):
                yield Leftover(repository["repositoryArn"])


def image_caches(search: Search) -> Iterator[Leftover]:
    """Rules and templates of the registry, which have no ARN of their own; left behind, they are in a new stack's way."""
    for page in search.pages("ecr", "describe_pull_through_cache_rules"):
        for rule in page["pullThroughCacheRules"]:
            if rule["ecrRepositoryPrefix"].startswith(f"{search.stack.name}/"):
                yield Leftover(search.arn("ecr", f"pull-through-cache-rule/{rule['ecrRepositoryPrefix']}"))
    for page in search.pages("ecr", "describe_repository_creation_templates"):
        for template in page["repositoryCreationTemplates"]:
            if template["prefix"] == search.stack.name:
                yield Leftover(search.arn("ecr", f"repository-creation-template/{template['prefix']}"))


def recorders(search: Search) -> Iterator[Leftover]:
    """The recorder of AWS Config and where it delivers, of which an account has one each."""
    config = search.account.client("config")
    for recorder in config.describe_configuration_recorders()["ConfigurationRecorders"]:
        if recorder["name"] == search.stack.name:
            yield Leftover(search.arn("config", f"configuration-recorder/{recorder['name']}"))
    for channel in config.describe_delivery_channels()["DeliveryChannels"]:
        if channel["name"] == search.stack.name:
            yield Leftover(search.arn("config", f"delivery-channel/{channel['name']}"))


FINDERS: tuple[Finder, ...] = (
    log_groups,
    network_interfaces,
    volumes,
    security_groups,
    scaling_groups,
    roles,
    policies,
    instance_profiles,
    issuers,
    key_aliases,
    repositories,
    image_caches,
    recorders,
)
