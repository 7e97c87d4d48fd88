"""A way for administrators to the cluster's private endpoint, from where there is no network of the VPC. Off by default.

Systems Manager carries one TCP connection to a minimal instance, which passes it on to the API server; `make tunnel`
opens it. Nothing listens on the instance, and its security group lets it call the control plane and the endpoints of
AWS services, nothing else: whoever opens a tunnel reaches the API server, and still has to be let in by it. The TLS
connection is between kubectl and the API server; the instance sees ciphertext.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import assumed_by_service, policy_document

IMAGE_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
"""Where AWS publishes its newest Amazon Linux 2023; the agent of Systems Manager is part of it."""
FORWARDING = "AWS-StartPortForwardingSessionToRemoteHost"
"""The one kind of session that the stack's policy allows: no shell, no file transfer."""


@dataclass(frozen=True)
class AdminTunnelArgs:
    """`security_group_id` is a group without ingress, with egress to control plane and endpoints on 443 only.

    The subnet needs a route to the interface endpoints `ssm` and `ssmmessages`; the key encrypts the root volume.
    """

    context: Context
    subnet_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]


class AdminTunnel(pulumi.ComponentResource):
    """The instance, its role, and a policy for those who may open the tunnel: attach it to their roles.

    The instance has no way to a package repository. It is patched by being replaced: an update of the stack starts
    the newest image.
    """

    instance_id: pulumi.Output[str]
    user_policy_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AdminTunnelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:tunnel:AdminTunnel", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self._name = f"{args.context.name}-tunnel"
        instance = self._instance()
        self.instance_id = instance.id
        self.user_policy_arn = self._user_policy(instance)
        self.register_outputs({"instance_id": self.instance_id, "user_policy_arn": self.user_policy_arn})

    def _instance(self) -> aws.ec2.Instance:
        args = self._args
        image = aws.ssm.get_parameter_output(name=IMAGE_PARAMETER, opts=pulumi.InvokeOptions(parent=self))
        profile, rights = self._profile()
        return aws.ec2.Instance(
            "tunnel",
            ami=image.value,
            instance_type="t3.micro",
            subnet_id=args.subnet_id,
            vpc_security_group_ids=[args.security_group_id],
            associate_public_ip_address=False,
            iam_instance_profile=profile.name,
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
                instance_metadata_tags="disabled",
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                volume_type="gp3", encrypted=True, kms_key_id=args.volumes_key_arn, delete_on_termination=True
            ),
            # Otherwise sustained use of the CPU is billed without limit.
            credit_specification=aws.ec2.InstanceCreditSpecificationArgs(cpu_credits="standard"),
            ebs_optimized=True,
            monitoring=True,
            tags={"Name": self._name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )

    def _profile(self) -> tuple[aws.iam.InstanceProfile, pulumi.Resource]:
        """What Session Manager asks of an instance, and no more.

        AmazonSSMManagedInstanceCore would also read every parameter of the account.
        https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
        """
        role = aws.iam.Role(
            "tunnel-role",
            name=self._name,
            assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
            opts=self._here,
        )
        policy = aws.iam.Policy(
            "tunnel-policy",
            name=self._name,
            policy=policy_document(
                {
                    "Sid": "BeManaged",
                    "Effect": "Allow",
                    "Action": "ssm:UpdateInstanceInformation",
                    # Of the account's instances, because the role is there before the tunnel's.
                    "Resource": self._args.context.account.arn("ec2", "instance/*"),
                },
                {
                    "Sid": "TalkToSystemsManager",
                    "Effect": "Allow",
                    "Action": [
                        "ssmmessages:CreateControlChannel",
                        "ssmmessages:CreateDataChannel",
                        "ssmmessages:OpenControlChannel",
                        "ssmmessages:OpenDataChannel",
                    ],
                    "Resource": "*",  # these actions know no resources
                },
            ),
            opts=self._here,
        )
        rights = aws.iam.RolePolicyAttachment("tunnel-rights", role=role.name, policy_arn=policy.arn, opts=self._here)
        return aws.iam.InstanceProfile("tunnel-profile", name=self._name, role=role.name, opts=self._here), rights

    def _user_policy(self, instance: aws.ec2.Instance) -> pulumi.Output[str]:
        """Opens tunnels through this instance, and ends one's own. CloudTrail records who did, and when."""
        account = self._args.context.account
        document = pulumi.Output.concat("arn:", account.partition, f":ssm:{account.region}::document/{FORWARDING}")
        policy = aws.iam.Policy(
            "tunnel-user-policy",
            name=f"{self._name}-user",
            description="Opens a tunnel to the private endpoint of the cluster; no shell",
            policy=policy_document(
                {
                    "Sid": "OpenTunnel",
                    "Effect": "Allow",
                    "Action": "ssm:StartSession",
                    "Resource": [instance.arn, document],
                    # Without it a session that names no document is a shell.
                    "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
                },
                {
                    "Sid": "EndOwnTunnel",
                    "Effect": "Allow",
                    "Action": ["ssm:TerminateSession", "ssm:ResumeSession"],
                    "Resource": account.arn("ssm", "session/${aws:userid}-*"),
                },
            ),
            opts=self._here,
        )
        return policy.arn
