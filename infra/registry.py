"""ECR repositories of the stack's own images."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context

IMAGES = ("gateway", "fastapi-svc", "triton")


@dataclass(frozen=True)
class ImageRepositoriesArgs:
    """One repository `inference/<image>` for each of `images`."""

    context: Context
    key_arn: pulumi.Input[str]
    images: Sequence[str] = IMAGES


class ImageRepositories(pulumi.ComponentResource):
    """Private repositories with immutable tags, scanned on push, encrypted with our key."""

    urls: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: ImageRepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:ImageRepositories", name, None, opts)
        self._args = args
        self.urls = {image: self._repository(image) for image in args.images}
        self.register_outputs({"urls": self.urls})

    def image(self, name: str, digest: str) -> pulumi.Output[str]:
        """Reference to an image by digest: a tag can be moved, a digest cannot."""
        return pulumi.Output.concat(self.urls[name], "@", digest)

    def _repository(self, image: str) -> pulumi.Output[str]:
        ecr = aws.ecr
        repository = ecr.Repository(
            image,
            name=f"inference/{image}",
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
            policy=json.dumps({"rules": [_expire_untagged()]}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return repository.repository_url


def _expire_untagged() -> dict[str, object]:
    """What runs is tagged: the tag is what keeps it."""
    return {
        "rulePriority": 1,
        "description": "Expire untagged images after 30 days",
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
        "action": {"type": "expire"},
    }
