"""Examples: The VPC and what is inside it."""

from collections.abc import Mapping

from tests.local.aws.examples.common import KEY_POLICY, POLICY, Example, group, key, role, vpc

TAGS = {"tags": {"Name": "other", "owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:ec2/vpc:Vpc": Example(
        inputs=lambda _: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "main"}},
        update={"enableDnsHostnames": False, **TAGS},
        outputs={
            "arn": r"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-\w+",
            "defaultSecurityGroupId": r"sg-\w+",
            "mainRouteTableId": r"rtb-\w+",
            "defaultNetworkAclId": r"acl-\w+",
            "ownerId": r"\d{12}",
        },
    ),
    "aws:ec2/subnet:Subnet": Example(
        inputs=lambda r: {
            "vpcId": vpc(r),
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": "us-east-1a",
            "mapPublicIpOnLaunch": False,
            "tags": {"Name": "a"},
        },
        update=TAGS,
        outputs={"arn": r"arn:aws:ec2:.*:subnet/subnet-\w+", "availabilityZoneId": r"use1-az\d"},
    ),
    "aws:ec2/routeTable:RouteTable": Example(
        inputs=lambda r: {"vpcId": vpc(r), "tags": {"Name": "private"}}, update=TAGS
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Example(
        inputs=lambda r: {
            "subnetId": r("aws:ec2/subnet:Subnet", "id"),
            "routeTableId": r("aws:ec2/routeTable:RouteTable", "id"),
        }
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Example(
        inputs=lambda r: {
            "vpcId": vpc(r),
            "serviceName": "com.amazonaws.us-east-1.sts",
            "vpcEndpointType": "Interface",
            "subnetIds": [r("aws:ec2/subnet:Subnet", "id")],
            "securityGroupIds": [group(r)],
            "privateDnsEnabled": True,
            "policy": POLICY,
            "tags": {"Name": "sts"},
        },
        update={"policy": KEY_POLICY, "securityGroupIds": [], **TAGS},
        outputs={"arn": r".*:vpc-endpoint/vpce-\w+"},
    ),
    "aws:ec2/flowLog:FlowLog": Example(
        inputs=lambda r: {
            "vpcId": vpc(r),
            "trafficType": "ALL",
            "maxAggregationInterval": 60,
            "iamRoleArn": role(r),
            "logDestination": r("aws:cloudwatch/logGroup:LogGroup", "arn"),
            "tags": {"Name": "flows"},
        },
        update=TAGS,
        outputs={"arn": r".*:vpc-flow-log/fl-\w+"},
    ),
    "aws:ec2/securityGroup:SecurityGroup": Example(
        inputs=lambda r: {
            "name": "endpoints",
            "vpcId": vpc(r),
            "description": "endpoints",
            "tags": {"Name": "endpoints"},
            "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}],
        },
        update={"ingress": [{"protocol": "tcp", "fromPort": 8443, "toPort": 8443, "self": True}], **TAGS},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Example(
        inputs=lambda r: {"vpcId": vpc(r), "tags": {"Name": "closed"}}, update=TAGS
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Example(
        inputs=lambda r: {
            "securityGroupId": group(r),
            "ipProtocol": "tcp",
            "fromPort": 8443,
            "toPort": 8443,
            "cidrIpv4": "10.0.0.0/16",
            "description": "https",
            "tags": {"Name": "in"},
        },
        update=TAGS,
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Example(
        inputs=lambda r: {"securityGroupId": group(r), "ipProtocol": "-1", "referencedSecurityGroupId": group(r)},
        update=TAGS,
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Example(
        inputs=lambda r: {
            "name": "gpu",
            "updateDefaultVersion": True,
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"encrypted": "true", "kmsKeyId": key(r), "volumeSize": 100, "volumeType": "gp3"},
                }
            ],
            "networkInterfaces": [
                {"deviceIndex": 0, "securityGroups": [group(r)], "associatePublicIpAddress": "false"}
            ],
            "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "gpu"}}],
            "monitoring": {"enabled": True},
        },
        update={"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2}, **TAGS},
        outputs={"latestVersion": "1", "arn": r".*:launch-template/lt-\w+"},
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Example(
        inputs=lambda _: {"enabled": True}, remains={"enabled": False, "region": "us-east-1"}
    ),
    "aws:ec2/instance:Instance": Example(
        inputs=lambda r: {
            "ami": "ami-12c6146b",
            "instanceType": "t4g.nano",
            "subnetId": r("aws:ec2/subnet:Subnet", "id"),
            "vpcSecurityGroupIds": [group(r)],
            "associatePublicIpAddress": False,
            "iamInstanceProfile": r("aws:iam/instanceProfile:InstanceProfile", "name"),
            "metadataOptions": {"httpTokens": "required", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1},
            "rootBlockDevice": {"encrypted": True, "kmsKeyId": key(r), "volumeSize": 8, "volumeType": "gp3"},
            "monitoring": True,
            "ebsOptimized": True,
            "creditSpecification": {"cpuCredits": "standard"},
            "disableApiTermination": True,
            "userData": "#!/bin/sh\n",
            "tags": {"Name": "tunnel"},
        },
        update={
            "disableApiTermination": False,
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2},
            **TAGS,
        },
        outputs={
            "arn": r"arn:aws:ec2:us-east-1:123456789012:instance/i-\w+",
            "instanceState": "running",
            "privateIp": r"10\.0\.1\.\d+",
            "publicIp": "",
        },
    ),
}
