"""`python -m infra.operations.publish STACK`: builds the stack's own images, pushes them, and records their digests.

It comes between the first update, which makes the repositories, and the second, which runs what `imageDigests` of
Pulumi.STACK.yaml says; this command writes that. Triton is built for what the stack computes on: with
`tritonAccelerator: nvidia` from NVIDIA's image, else for the CPU. An image that is there already is not pushed again.
"""

import argparse
import sys

from botocore.exceptions import ClientError

from infra.model_repository import REPO
from infra.operations import building
from infra.operations.accounts import AwsAccount
from infra.operations.building import Builder
from infra.operations.errors import OperationError, run, say
from infra.operations.programs import logged_in
from infra.operations.stack_file_edit import set_image_digests
from infra.operations.stacks import StackFile
from infra.registry import LOADTEST_IMAGE

_TAG_DIGITS = 16


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or FAILED after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.operations.publish", description=__doc__)
    parser.add_argument("stack")
    stack: str = parser.parse_args(arguments).stack
    return run(lambda: publish(StackFile.read(stack), building.choose()))


def dockerfiles(stack: StackFile) -> dict[str, str]:
    """Dockerfile of each image, relative to the repository's root, which is the context."""
    triton = "Dockerfile" if stack.accelerator == "nvidia" else "Dockerfile.cpu"
    return {
        "gateway": "services/gateway/Dockerfile",
        "fastapi-svc": "services/fastapi_svc/Dockerfile",
        "triton": f"services/triton/{triton}",
        "tls-proxy": "services/tls_proxy/Dockerfile",
        **({LOADTEST_IMAGE: "loadtests/Dockerfile"} if stack.load_tested else {}),
    }


def publish(stack: StackFile, builder: Builder) -> int:
    """Builds, pushes and records every image; nothing is built before it is known that it can be pushed."""
    account, sources = AwsAccount.open(stack.region), dockerfiles(stack)
    repositories = {image: f"{stack.name}/{image}" for image in sources}
    _require(account, stack, list(repositories.values()))
    digests = {}
    for image, dockerfile in sources.items():
        say(f"building {image} from {dockerfile}")
        built = builder.build(REPO / dockerfile, context=REPO)
        digests[image] = _pushed(account, builder, repositories[image], built)
        say(f"{repositories[image]}@{digests[image]}")
    set_image_digests(stack.path, digests)
    say(f"{stack.path.name} runs these with the next `pulumi up`.")
    return 0


def _require(account: AwsAccount, stack: StackFile, repositories: list[str]) -> None:
    try:
        account.client("ecr").describe_repositories(repositoryNames=repositories)
    except ClientError as error:
        if error.response["Error"]["Code"] != "RepositoryNotFoundException":
            raise
        raise OperationError(
            f"The stack {stack.stack} has no repositories yet: run `pulumi up --stack {stack.stack}` once, without "
            "imageDigests."
        ) from None


def _pushed(account: AwsAccount, builder: Builder, repository: str, built: str) -> str:
    """The digest that the registry has for what was built, pushed first unless it is there.

    Tags cannot be moved, so each content has a tag of its own.
    """
    tag = built.removeprefix("sha256:")[:_TAG_DIGITS]
    if digest := _digest(account, repository, tag):
        return digest
    with logged_in(account) as login:
        builder.push(built, f"{login.host}/{repository}:{tag}", login)
    if digest := _digest(account, repository, tag):
        return digest
    raise OperationError(f"{repository} does not have the tag {tag} after it was pushed: run the command again.")


def _digest(account: AwsAccount, repository: str, tag: str) -> str | None:
    try:
        found = account.client("ecr").describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageNotFoundException":
            raise
        return None
    return str(found["imageDetails"][0]["imageDigest"])


if __name__ == "__main__":
    sys.exit(main())
