"""Examples: what an account keeps from the public."""

from collections.abc import Mapping

from tests.local.aws.examples.common import Example

EXAMPLES: Mapping[str, Example] = {
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Example(
        inputs=lambda _: {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        update={"blockPublicPolicy": False},
        outputs={"accountId": r"\d{12}"},
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": Example(
        inputs=lambda _: {"state": "block-all-sharing"},
        update={"state": "block-new-sharing"},
        remains={"state": "unblocked", "region": "us-east-1"},
    ),
}
