"""How everything of a type is listed, by AWS's own list and describe operations, without what every account has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.aws.resource import Template


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One operation that lists the things of a type."""

    operation: str
    things: str
    """JMESPath to the things in a response: objects that have what the id of their type is made of."""
    params: Mapping[str, Template] = field(default_factory=dict)
    of: str = ""
    """The type that they belong to: one call for each thing of that type, with its id as `{of}`, here and in the id."""
    service: str = ""
    """For what is no type of the table: its service and, in `id`, the template of its id."""
    id: str = ""
    scheduled: str = ""
    """JMESPath, true of a thing that AWS will delete at a set time."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A type whose only thing is a setting of a thing of another type, or of the account, and has the same id."""

    of: str = ""
    """The other type; the account where it is empty."""
    made: str = "@"
    """JMESPath, true of the outputs of a setting that is not as it is without the program."""


_ROLE, _BUCKET, _REPOSITORY = "aws:iam/role:Role", "aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"
_VPC, _GROUP, _CLUSTER = "aws:ec2/vpc:Vpc", "aws:ec2/securityGroup:SecurityGroup", "aws:eks/cluster:Cluster"
_BALANCER, _LISTENER = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"
_RULE, _TOPIC = "aws:cloudwatch/eventRule:EventRule", "aws:sns/topic:Topic"
_RECORDER, _DETECTOR = "aws:cfg/recorder:Recorder", "aws:guardduty/detector:Detector"
_SCALING = "autoscaling/group"
_OF_ROLE = {"RoleName": "{of}"}
_REGIONAL = {"Scope": "REGIONAL"}

_NETWORK = {
    _VPC: Listing(operation="describe_vpcs", things="Vpcs[?!IsDefault]"),
    "aws:ec2/subnet:Subnet": Listing(operation="describe_subnets", things="Subnets[?!DefaultForAz]"),
    "aws:ec2/routeTable:RouteTable": Listing(
        operation="describe_route_tables", things="RouteTables[?!(Associations[?Main])]"
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Listing(
        operation="describe_route_tables",
        things="RouteTables[].Associations[?!Main][].{AssociationId: RouteTableAssociationId}",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Listing(
        operation="describe_vpc_endpoints", things="VpcEndpoints[?State!='deleted']"
    ),
    "aws:ec2/flowLog:FlowLog": Listing(operation="describe_flow_logs", things="FlowLogs[].{answer: FlowLogId}"),
    _GROUP: Listing(operation="describe_security_groups", things="SecurityGroups[?GroupName!='default']"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Listing(
        operation="describe_security_groups",
        params={"Filters": [{"Name": "vpc-id", "Values": ["{of}"]}]},
        things="SecurityGroups[?GroupName=='default']",
        of=_VPC,
    ),
    **{
        f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule": Listing(
            operation="describe_security_group_rules",
            params={"Filters": [{"Name": "group-id", "Values": ["{of}"]}]},
            things=f"SecurityGroupRules[?{mark}]",
            of=_GROUP,
        )
        for way, mark in (("Ingress", "!IsEgress"), ("Egress", "IsEgress"))
    },
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": Listing(
        operation="list_resolver_query_log_configs", things="ResolverQueryLogConfigs"
    ),
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": Listing(
        operation="list_resolver_query_log_config_associations", things="ResolverQueryLogConfigAssociations"
    ),
}
_COMPUTE = {
    "aws:ec2/launchTemplate:LaunchTemplate": Listing(
        operation="describe_launch_templates", things="LaunchTemplates[?!starts_with(LaunchTemplateName, 'eks-')]"
    ),
    "aws:ec2/instance:Instance": Listing(
        operation="describe_instances", things="Reservations[].Instances[?State.Name!='terminated'][]"
    ),
    "ec2/volume": Listing(service="ec2", operation="describe_volumes", things="Volumes", id="{VolumeId}"),
    "eks/launchTemplate": Listing(
        service="ec2",
        operation="describe_launch_templates",
        things="LaunchTemplates[?starts_with(LaunchTemplateName, 'eks-')]",
        id="{LaunchTemplateId}",
    ),
    _SCALING: Listing(
        service="autoscaling",
        operation="describe_auto_scaling_groups",
        things="AutoScalingGroups",
        id="{AutoScalingGroupName}",
    ),
    "aws:autoscaling/attachment:Attachment": Listing(
        operation="describe_load_balancer_target_groups",
        params={"AutoScalingGroupName": "{of}"},
        things="LoadBalancerTargetGroups[].{lbTargetGroupArn: LoadBalancerTargetGroupARN}",
        of=_SCALING,
    ),
    _CLUSTER: Listing(operation="list_clusters", things="clusters[].{name: @}"),
    "aws:eks/nodeGroup:NodeGroup": Listing(
        operation="list_nodegroups",
        params={"clusterName": "{of}"},
        things="nodegroups[].{nodeGroupName: @}",
        of=_CLUSTER,
    ),
}
_EDGE = {
    _BALANCER: Listing(operation="describe_load_balancers", things="LoadBalancers"),
    "aws:lb/targetGroup:TargetGroup": Listing(operation="describe_target_groups", things="TargetGroups"),
    _LISTENER: Listing(
        operation="describe_listeners", params={"LoadBalancerArn": "{of}"}, things="Listeners", of=_BALANCER
    ),
    "aws:lb/listenerRule:ListenerRule": Listing(
        operation="describe_rules", params={"ListenerArn": "{of}"}, things="Rules[?!IsDefault]", of=_LISTENER
    ),
    "aws:acm/certificate:Certificate": Listing(operation="list_certificates", things="CertificateSummaryList"),
    "aws:wafv2/webAcl:WebAcl": Listing(operation="list_web_acls", params=_REGIONAL, things="WebACLs"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Listing(
        operation="get_web_acl_for_resource",
        params={"ResourceArn": "{of}"},
        things="[WebACL][?ARN].{webAclArn: ARN}",
        of=_BALANCER,
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Listing(
        operation="list_logging_configurations", params=_REGIONAL, things="LoggingConfigurations"
    ),
}
_IDENTITY = {
    "aws:kms/key:Key": Listing(
        operation="describe_key",
        params={"KeyId": "{of}"},
        things="[KeyMetadata][?KeyManager=='CUSTOMER']",
        of="kms/keyId",
        scheduled="KeyState=='PendingDeletion'",
    ),
    "aws:kms/alias:Alias": Listing(operation="list_aliases", things="Aliases[?!starts_with(AliasName, 'alias/aws/')]"),
    _ROLE: Listing(operation="list_roles", things="Roles[?!starts_with(Path, '/aws-service-role/')]"),
    "aws:iam/policy:Policy": Listing(operation="list_policies", params={"Scope": "Local"}, things="Policies"),
    "aws:iam/rolePolicy:RolePolicy": Listing(
        operation="list_role_policies", params=_OF_ROLE, things="PolicyNames[].{name: @}", of=_ROLE
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Listing(
        operation="list_attached_role_policies", params=_OF_ROLE, things="AttachedPolicies", of=_ROLE
    ),
    "aws:iam/instanceProfile:InstanceProfile": Listing(operation="list_instance_profiles", things="InstanceProfiles"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Listing(
        operation="list_open_id_connect_providers",
        things="OpenIDConnectProviderList[].{OpenIDConnectProviderArn: Arn}",
    ),
}
_STORAGE = {
    _BUCKET: Listing(operation="list_buckets", things="Buckets[].{bucket: Name}"),
    "aws:s3/bucketObjectv2:BucketObjectv2": Listing(
        operation="list_objects_v2", params={"Bucket": "{of}"}, things="Contents[].{key: Key}", of=_BUCKET
    ),
    _REPOSITORY: Listing(operation="describe_repositories", things="repositories"),
    "aws:backup/vault:Vault": Listing(operation="list_backup_vaults", things="BackupVaultList"),
}
_AUDIT = {
    "aws:cloudtrail/trail:Trail": Listing(operation="describe_trails", things="trailList"),
    "aws:cloudwatch/logGroup:LogGroup": Listing(operation="describe_log_groups", things="logGroups"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Listing(
        operation="describe_metric_filters", things="metricFilters"
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Listing(
        operation="describe_resource_policies", things="resourcePolicies"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Listing(operation="describe_alarms", things="MetricAlarms"),
    _RULE: Listing(operation="list_rules", things="Rules"),
    "aws:cloudwatch/eventTarget:EventTarget": Listing(
        operation="list_targets_by_rule", params={"Rule": "{of}"}, things="Targets[].{targetId: Id}", of=_RULE
    ),
    _TOPIC: Listing(operation="list_topics", things="Topics"),
    "aws:sns/topicSubscription:TopicSubscription": Listing(operation="list_subscriptions", things="Subscriptions"),
    _RECORDER: Listing(operation="describe_configuration_recorders", things="ConfigurationRecorders"),
    "aws:cfg/deliveryChannel:DeliveryChannel": Listing(
        operation="describe_delivery_channels", things="DeliveryChannels"
    ),
    "aws:cfg/rule:Rule": Listing(operation="describe_config_rules", things="ConfigRules"),
    _DETECTOR: Listing(operation="list_detectors", things="DetectorIds[].{DetectorId: @}"),
    "aws:guardduty/detectorFeature:DetectorFeature": Listing(
        operation="get_detector",
        params={"DetectorId": "{of}"},
        things="Features[?Status=='ENABLED'].{name: Name}",
        of=_DETECTOR,
    ),
}

LISTINGS: Mapping[str, Listing] = {**_NETWORK, **_COMPUTE, **_EDGE, **_IDENTITY, **_STORAGE, **_AUDIT}
"""By the engine's token, or `service/type` for what AWS makes along with something else and removes with it."""
STEPS: Mapping[str, Listing] = {"kms/keyId": Listing(service="kms", operation="list_keys", things="Keys", id="{KeyId}")}
"""What is listed only to list something else by it."""

SETTINGS: Mapping[str, Setting] = {
    "aws:s3/bucketVersioning:BucketVersioning": Setting(of=_BUCKET, made="versioningConfiguration.status=='Enabled'"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Setting(of=_BUCKET, made="rule"),
    **{
        f"aws:s3/{name[0].lower()}{name[1:]}:{name}": Setting(of=_BUCKET)
        for name in (
            "BucketLifecycleConfiguration",
            "BucketLogging",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
        )
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Setting(of=_REPOSITORY),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Setting(of=_REPOSITORY),
    "aws:sns/topicPolicy:TopicPolicy": Setting(of=_TOPIC, made="!contains(policy, '__default_policy_ID')"),
    "aws:cfg/recorderStatus:RecorderStatus": Setting(of=_RECORDER, made="isEnabled"),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Setting(of="aws:backup/vault:Vault"),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Setting(made="enabled"),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": Setting(made="scanType!='BASIC' || rules"),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Setting(),
    "aws:securityhub/account:Account": Setting(),
}
