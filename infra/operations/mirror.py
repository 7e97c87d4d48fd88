"""`python -m infra.operations.mirror STACK`: images of others into the account's registry, from where nodes can pull them.

What `images.yaml` lists is copied by digest into a repository of the stack, or, where ECR caches its registry, asked for
once from here: the first request for a cached image cannot come from a VPC without a way out. Nodes then find it there.
`python -m infra.operations.mirror --record` writes the digests of new entries into `images.yaml`. It changes none that
is recorded, and says so where a tag has moved since.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import ClientError

from infra.operations import copying
from infra.operations.accounts import AwsAccount
from infra.operations.copying import Copier
from infra.operations.errors import OperationError, run, say
from infra.operations.images import FILE, ThirdPartyImage, ThirdPartyImages
from infra.operations.programs import Login, logged_in
from infra.operations.stacks import StackFile


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or FAILED after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.operations.mirror", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("stack", nargs="?", help="the stack whose registry gets the images")
    what.add_argument("--record", action="store_true", help="write missing digests into images.yaml")
    options = parser.parse_args(arguments)
    if options.record:
        return run(lambda: record(FILE, copying.choose()))
    return run(lambda: mirror(StackFile.read(options.stack), ThirdPartyImages.read().images, copying.choose()))


def mirror(stack: StackFile, images: tuple[ThirdPartyImage, ...], copier: Copier) -> int:
    """Brings every image that is not there yet into the registry, and checks that it is."""
    if unknown := [image.name for image in images if image.digest is None]:
        raise OperationError(
            f"{', '.join(unknown)}: no digest is recorded; run `python -m infra.operations.mirror --record`."
        )
    account = AwsAccount.open(stack.region)
    with logged_in(account) as login:
        for image in images:
            _bring(account, stack, image, _fetcher(copier, image, stack, login))
    return 0


def _fetcher(copier: Copier, image: ThirdPartyImage, stack: StackFile, login: Login) -> Callable[[], None]:
    target = f"{login.host}/{image.repository(stack.name)}"
    if image.cached:
        return lambda: copier.pull(f"{target}@{image.digest}", login)
    return lambda: copier.copy(f"{image.source}@{image.digest}", f"{target}:{image.tag}", login)


def _bring(account: AwsAccount, stack: StackFile, image: ThirdPartyImage, fetch: Callable[[], None]) -> None:
    repository = image.repository(stack.name)
    if _is_there(account, repository, image):
        say(f"there: {repository}@{image.digest}")
        return
    fetch()
    if not _is_there(account, repository, image):
        raise OperationError(f"{repository} does not have {image.digest} after it was fetched: run the command again.")
    say(f"{'cached' if image.cached else 'copied'}: {repository}@{image.digest}")


def _is_there(account: AwsAccount, repository: str, image: ThirdPartyImage) -> bool:
    """Whether ECR has the digest; a repository of a cache comes into being with its first image."""
    wanted = [{"imageDigest": image.digest}]
    try:
        return bool(account.client("ecr").describe_images(repositoryName=repository, imageIds=wanted)["imageDetails"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "RepositoryNotFoundException" and not image.cached:
            raise OperationError(f"There is no repository {repository} yet: update the stack once.") from None
        if code not in ("ImageNotFoundException", "RepositoryNotFoundException"):
            raise
        return False


def record(file: Path, copier: Copier) -> int:
    """Writes the digest of every image that has none; raises OperationError where a recorded one is not what its tag means.

    The file is edited line by line, so that its comments stay.
    """
    listed, moved = ThirdPartyImages.read(file), []
    for image in (*listed.images, *listed.bases):
        found = copier.digest(f"{image.source}:{image.tag}")
        if image.digest is None:
            _write(file, image, found)
            say(f"recorded: {image.source}:{image.tag} is {found}")
        elif image.digest != found:
            moved.append(f"{image.source}:{image.tag} is {found} now")
    if moved:
        raise OperationError(
            f"{'; '.join(moved)}; the record stays. If the change is meant, delete the digest and record it anew."
        )
    return 0


def _write(file: Path, image: ThirdPartyImage, digest: str) -> None:
    lines = file.read_text().splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.strip() == f"- name: {image.name}")
    tag = next(number for number in range(start, len(lines)) if lines[number].strip().startswith("tag:"))
    indent = lines[tag][: len(lines[tag]) - len(lines[tag].lstrip())]
    file.write_text("".join([*lines[: tag + 1], f"{indent}digest: {digest}\n", *lines[tag + 1 :]]))


if __name__ == "__main__":
    sys.exit(main())
