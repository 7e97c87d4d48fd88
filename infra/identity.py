"""AWS identities of workloads: one role for each service account, assumed with that account's own token."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document

AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True)
class Issuer:
    """The OpenID Connect provider of a cluster: it signs the tokens of its service accounts."""

    url: pulumi.Output[str]
    arn: pulumi.Output[str]


@dataclass(frozen=True)
class WorkloadIdentityArgs:
    """`name` is the role's; `policy_arn` is all that the role may do."""

    name: str
    issuer: Issuer
    namespace: str
    service_account: str
    policy_arn: pulumi.Input[str]


class WorkloadIdentity(pulumi.ComponentResource):
    """A role that exactly one service account of this cluster can assume."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:identity:WorkloadIdentity", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-role", name=args.name, assume_role_policy=_trust(args), opts=here)
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-rights", role=role.name, policy_arn=args.policy_arn, opts=here
        )
        # Whoever knows the ARN may rely on the rights being there.
        self.role_arn = pulumi.Output.all(role.arn, attachment.id).apply(lambda known: str(known[0]))
        self.register_outputs({"role_arn": self.role_arn})


def _trust(args: WorkloadIdentityArgs) -> pulumi.Output[str]:
    issuer = args.issuer.url.apply(lambda url: url.removeprefix("https://"))
    claims = issuer.apply(
        lambda host: {
            f"{host}:aud": AUDIENCE,
            f"{host}:sub": f"system:serviceaccount:{args.namespace}:{args.service_account}",
        }
    )
    return policy_document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": args.issuer.arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": claims},
        }
    )


@dataclass(frozen=True)
class StoreAccessArgs:
    """One service account and the objects under `prefix` of one bucket, encrypted with one key."""

    context: Context
    issuer: Issuer
    namespace: str
    service_account: str
    bucket_arn: pulumi.Input[str]
    prefix: str
    key_arn: pulumi.Input[str]


class _StoreAccess(pulumi.ComponentResource):
    """The identity of a workload that does one thing with the objects of one bucket."""

    role_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: StoreAccessArgs,
        *,
        objects: tuple[str, str],
        key: tuple[str, str | list[str]],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        """`objects` and `key`: the name of the statement and what it allows, on the objects and on their key."""
        super().__init__(f"inference:identity:{type(self).__name__}", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        role_name = f"{args.context.name}-{args.service_account}"
        service = f"s3.{args.context.account.region}.amazonaws.com"
        policy = aws.iam.Policy(
            f"{name}-policy",
            name=role_name,
            policy=policy_document(
                {
                    "Sid": objects[0],
                    "Effect": "Allow",
                    "Action": objects[1],
                    "Resource": pulumi.Output.concat(args.bucket_arn, f"/{args.prefix}/*"),
                },
                {
                    "Sid": key[0],
                    "Effect": "Allow",
                    "Action": key[1],
                    "Resource": args.key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": service}},
                },
            ),
            opts=here,
        )
        identity = WorkloadIdentity(
            f"{name}-identity",
            WorkloadIdentityArgs(
                name=role_name,
                issuer=args.issuer,
                namespace=args.namespace,
                service_account=args.service_account,
                policy_arn=policy.arn,
            ),
            here,
        )
        self.role_arn = identity.role_arn
        self.register_outputs({"role_arn": self.role_arn})


class ModelReader(_StoreAccess):
    """The identity of a workload that fetches a model."""

    def __init__(self, name: str, args: StoreAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name, args, objects=("ReadModel", "s3:GetObject"), key=("DecryptModel", "kms:Decrypt"), opts=opts
        )


class AuditWriter(_StoreAccess):
    """The identity of a workload that archives records, and reads none."""

    def __init__(self, name: str, args: StoreAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            args,
            objects=("PutRecords", "s3:PutObject"),
            # Decrypting is for the bucket's key, which stands between object and key.
            key=("EncryptRecords", ["kms:GenerateDataKey", "kms:Decrypt"]),
            opts=opts,
        )
