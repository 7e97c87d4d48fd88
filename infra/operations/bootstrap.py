"""`python -m infra.operations.bootstrap STACK`: what must exist before the first `pulumi up` in an account and region.

It makes the bucket of Pulumi's state and its key, the key of the secrets in the state, the service-linked roles that
the program names, and the registry's rule for scanning images; then it prints how to log in and to make the stack.
Stacks of an account and region share all of it. It may be run again at any time: it mends what somebody changed, and
changes nothing else. It takes the credentials of an administrator of the account. The first update of a stack is made by
the role `accessRoles.administrator`, all later ones by `accessRoles.deployer`.
"""

import argparse
import sys
from urllib.parse import urlencode

from infra.operations.accounts import AwsAccount
from infra.operations.errors import OperationError, run, say
from infra.operations.image_scanning import ensure_image_scanning
from infra.operations.service_roles import ensure_service_roles
from infra.operations.stacks import StackFile, stacks_of_region
from infra.operations.state.bucket import bucket_name, ensure_bucket
from infra.operations.state.keys import CONTEXT, SECRETS_ALIAS, bucket_key, ensure_key, secrets_key


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or FAILED after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.operations.bootstrap", description=__doc__)
    parser.add_argument("stack", help="the stack that is to be deployed first: Pulumi.STACK.yaml names the region")
    stack: str = parser.parse_args(arguments).stack
    return run(lambda: bootstrap(StackFile.read(stack)))


def bootstrap(stack: StackFile) -> int:
    """Makes or mends what is there for all stacks of the region, and says how to begin with `stack`."""
    if not stack.updated_by:
        raise OperationError(
            f"{stack.path.name} names neither administrator nor deployer: set inference:accessRoles, the state is theirs."
        )
    account = AwsAccount.open(stack.region)
    neighbours = stacks_of_region(stack.region, folder=stack.path.parent)
    roles = sorted({role for each in neighbours for role in each.updated_by})
    bucket = bucket_name(account)
    key_arn = ensure_key(account, bucket_key(account, bucket=bucket))
    ensure_bucket(account, key_arn=key_arn)
    ensure_key(account, secrets_key(account, roles=roles))
    ensure_service_roles(account)
    ensure_image_scanning(account)
    say(f"Account {account.id} is ready in {account.region}. As the role {stack.updated_by[0]}:")
    say(f"  pulumi login '{backend_url(bucket, stack.region)}'")
    say(f"  pulumi stack init {stack.stack} --secrets-provider='{secrets_provider(stack.stack, stack.region)}'")
    return 0


def backend_url(bucket: str, region: str) -> str:
    """Of the state, as `pulumi login` takes it; the newer SDK is the one that knows `aws sso login`."""
    return f"s3://{bucket}?{urlencode({'region': region, 'awssdk': 'v2'})}"


def secrets_provider(stack: str, region: str) -> str:
    """Of the stack's secrets, as `pulumi stack init` takes it."""
    return f"awskms://{SECRETS_ALIAS}?{urlencode({'region': region, 'awssdk': 'v2', f'context_{CONTEXT}': stack})}"


if __name__ == "__main__":
    sys.exit(main())
