"""An exported state is read for what providers manage; content that no check needs does not get out of it."""

import pytest

from policies.checkov.state import read_state
from policies.errors import PolicyError
from tests.policies.checkov.stacks import entry, export, urn

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
SIGNATURE = "4dabf18193072939515e22adb298388d"


def test_resources_keep_their_inputs_and_where_those_came_from() -> None:
    """The label is type and logical name, below whatever component."""
    source = urn(BUCKET, "models")
    (found,) = read_state(
        export(entry(VERSIONING, "versioning", {"bucket": "b"}, propertyDependencies={"bucket": [source], "mfa": []}))
    )
    assert found.label == f"{VERSIONING}::versioning"
    assert found.inputs == {"bucket": "b"}
    assert found.references == {"bucket": (source,)}


def test_components_providers_and_what_waits_for_its_deletion_are_left_out() -> None:
    """Nothing in an account stands behind them, or not for long."""
    found = read_state(
        export(
            {"urn": urn("inference:storage:ModelStore", "store"), "type": "inference:storage:ModelStore"},
            entry("pulumi:providers:aws", "aws", {"region": "us-east-1"}),
            entry(BUCKET, "old", {}, delete=True),
            entry(BUCKET, "models", {}),
        )
    )
    assert [each.name for each in found] == ["models"]


def test_secrets_files_and_the_engines_own_keys_do_not_get_out() -> None:
    """A secret's ciphertext, a file's path and `__defaults` are no one's to check."""
    (found,) = read_state(
        export(
            entry(
                BUCKET,
                "models",
                {
                    "__defaults": ["forceDestroy"],
                    "password": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"},
                    "source": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "build/model/manifest.json"},
                    "rules": [{"__defaults": [], "id": "r"}],
                },
            )
        )
    )
    assert found.inputs == {"password": "(secret)", "source": "(file)", "rules": [{"id": "r"}]}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": {}}', '{"deployment": {"resources": [{}]}}'])
def test_what_is_no_export_is_refused(text: str) -> None:
    """One sentence that names the command."""
    with pytest.raises(PolicyError, match="pulumi stack export"):
        read_state(text)


def test_a_stack_with_nothing_in_it_is_refused() -> None:
    """Nothing found in nothing would look like a clean stack."""
    with pytest.raises(PolicyError, match="no resource"):
        read_state(export())
