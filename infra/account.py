"""The AWS account, partition and region that a stack lives in."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class Account:
    """Facts that ARNs and policies are made of."""

    id: pulumi.Output[str]
    partition: pulumi.Output[str]
    region: str

    @classmethod
    def current(cls, provider: aws.Provider, *, region: str) -> "Account":
        """The account that `provider` has credentials for."""
        options = pulumi.InvokeOptions(provider=provider)
        return cls(
            id=aws.get_caller_identity_output(opts=options).account_id,
            partition=aws.get_partition_output(opts=options).partition,
            region=region,
        )

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """ARN of a regional resource of this account."""
        return pulumi.Output.concat("arn:", self.partition, f":{service}:{self.region}:", self.id, ":", resource)

    def role_arn(self, role: str) -> pulumi.Output[str]:
        """ARN of a role given by name, or `role` itself when it is an ARN."""
        if role.startswith("arn:"):
            return pulumi.Output.from_input(role)
        return pulumi.Output.concat("arn:", self.partition, ":iam::", self.id, ":role/", role)

    def managed_policy_arn(self, name: str) -> pulumi.Output[str]:
        """ARN of an IAM policy that AWS keeps."""
        return pulumi.Output.concat("arn:", self.partition, f":iam::aws:policy/{name}")

    @property
    def root(self) -> pulumi.Output[str]:
        """Principal that stands for the account: its own IAM policies then decide."""
        return pulumi.Output.concat("arn:", self.partition, ":iam::", self.id, ":root")
