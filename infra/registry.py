"""The stack's part of the account's ECR registry: its own images, and copies of those of others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.operations.images import UPSTREAMS, ThirdPartyImage, ThirdPartyImages
from infra.policy_document import assumed_by_service, policy_document

IMAGES = ("gateway", "fastapi-svc", "triton", "tls-proxy")
LOADTEST_IMAGE = "k6"
"""One more, of a stack that is loaded from within its cluster."""


@dataclass(frozen=True)
class ImageRepositoriesArgs:
    """One repository `<stack>/<image>` for each of `images`, and for each of `third_party` that ECR does not cache."""

    context: Context
    key_arn: pulumi.Input[str]
    images: Sequence[str] = IMAGES
    third_party: Sequence[ThirdPartyImage] = field(default_factory=lambda: ThirdPartyImages.read().images)


class ImageRepositories(pulumi.ComponentResource):
    """Private repositories with immutable tags, scanned on push, encrypted with our key."""

    urls: dict[str, pulumi.Output[str]]
    """Of the stack's own images, by name."""

    def __init__(self, name: str, args: ImageRepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:ImageRepositories", name, None, opts)
        self._args = args
        self.urls = {image: self._repository(image) for image in args.images}
        for image in args.third_party:
            if not image.cached:
                self._repository(image.name)
        ImageCache("image-cache", ImageCacheArgs(args.context, args.key_arn), pulumi.ResourceOptions(parent=self))
        self.register_outputs({"urls": self.urls})

    def image(self, name: str, digest: str) -> pulumi.Output[str]:
        """Reference to an image by digest: a tag can be moved, a digest cannot."""
        return pulumi.Output.concat(self.urls[name], "@", digest)

    def third_party(self, name: str) -> pulumi.Output[str]:
        """Reference, by its recorded digest, to the stack's copy of an image of somebody else.

        Raises pulumi.RunError where no digest is recorded yet.
        """
        (image,) = [each for each in self._args.third_party if each.name == name]
        if image.digest is None:
            raise pulumi.RunError(
                f"The image {name} has no digest: record it with `python -m infra.operations.mirror --record`."
            )
        name = image.repository(self._args.context.name)
        return pulumi.Output.concat(self._registry, f"/{name}@{image.digest}")

    @property
    def prefix(self) -> pulumi.Output[str]:
        """What the references of all these images begin with, and of no others."""
        return pulumi.Output.concat(self._registry, f"/{self._args.context.name}/")

    @property
    def _registry(self) -> pulumi.Output[str]:
        account = self._args.context.account
        return pulumi.Output.concat(account.id, f".dkr.ecr.{account.region}.amazonaws.com")

    def _repository(self, image: str) -> pulumi.Output[str]:
        ecr = aws.ecr
        repository = ecr.Repository(
            image,
            name=f"{self._args.context.name}/{image}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=self._args.key_arn)
            ],
            force_delete=not self._args.context.deletion_protection,
            opts=pulumi.ResourceOptions(parent=self),
        )
        ecr.LifecyclePolicy(
            f"{image}-lifecycle",
            repository=repository.name,
            policy=_lifecycle(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return repository.repository_url


@dataclass(frozen=True)
class ImageCacheArgs:
    """Cached images are encrypted with the key."""

    context: Context
    key_arn: pulumi.Input[str]


class ImageCache(pulumi.ComponentResource):
    """Pull-through caches `<stack>/<upstream>` of public registries, whose repositories are made like our own.

    ECR fetches an image when it is first asked for, but not for somebody who asks through an endpoint in a VPC without a
    way out, as our nodes do; `infra.operations.mirror` asks from outside, once, and nodes find the image there:
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    Which repositories are scanned is one setting for the account and region; `infra.operations.bootstrap` makes it.
    """

    def __init__(self, name: str, args: ImageCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:ImageCache", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        template = self._template(self._role())
        for prefix, registry in UPSTREAMS.items():
            aws.ecr.PullThroughCacheRule(
                f"{prefix}-cache",
                ecr_repository_prefix=f"{args.context.name}/{prefix}",
                upstream_registry_url=registry,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[template]),
            )
        self.register_outputs({})

    def _role(self) -> aws.iam.Role:
        """ECR makes the repositories as this role, because a key and tags are asked for:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-iam.html
        """
        context = self._args.context
        role = aws.iam.Role(
            "image-cache-role",
            name=f"{context.name}-image-cache",
            # ECR does not document that it tells its source; a condition that it does not meet would refuse every cache.
            assume_role_policy=assumed_by_service("ecr.amazonaws.com"),
            opts=self._here,
        )
        policy = aws.iam.Policy(
            "image-cache-policy",
            name=f"{context.name}-image-cache",
            policy=policy_document(
                {
                    "Effect": "Allow",
                    "Action": ["ecr:CreateRepository", "ecr:TagResource"],
                    "Resource": context.account.arn("ecr", f"repository/{context.name}/*"),
                },
                {
                    "Effect": "Allow",
                    "Action": ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"],
                    "Resource": self._args.key_arn,
                },
            ),
            opts=self._here,
        )
        aws.iam.RolePolicyAttachment("image-cache-makes", role=role.name, policy_arn=policy.arn, opts=self._here)
        return role

    def _template(self, role: aws.iam.Role) -> aws.ecr.RepositoryCreationTemplate:
        ecr, context = aws.ecr, self._args.context
        return ecr.RepositoryCreationTemplate(
            "image-cache-template",
            prefix=context.name,
            applied_fors=["PULL_THROUGH_CACHE"],
            description=f"Repositories of the pull-through caches of {context.name}",
            custom_role_arn=role.arn,
            image_tag_mutability="IMMUTABLE",
            encryption_configurations=[
                ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=self._args.key_arn
                )
            ],
            lifecycle_policy=_lifecycle(),
            # A provider's default tags do not reach what ECR makes.
            resource_tags=context.tags,
            opts=self._here,
        )


def _lifecycle() -> str:
    """What runs is tagged, or a part of something tagged: the tag is what keeps it."""
    rule = {
        "rulePriority": 1,
        "description": "Expire untagged images after 30 days",
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})
