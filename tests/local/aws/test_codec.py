"""The engine's wire format."""

from pathlib import Path
from typing import Any

import pytest

from local.aws.codec import (
    SIGNATURE,
    UNKNOWN,
    Asset,
    Secret,
    Unknown,
    decode_struct,
    encode_struct,
    holds,
    keep_secrets,
    plain,
)

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "",
        3,
        2.5,
        True,
        [1, ["a", False]],
        {"nested": {"list": [{"a": "b"}]}},
        UNKNOWN,
        [UNKNOWN, "known"],
        Secret("hidden"),
        {"inside": Secret(["a", UNKNOWN])},
        Asset(fields={"path": "model.onnx", "hash": "1"}),
        Asset(fields={"assets": {}}, kind="archive"),
    ],
    ids=str,
)
def test_survives_the_wire(value: Any) -> None:
    """What is encoded decodes to itself, numbers without a fraction to integers."""
    decoded = decode_struct(encode_struct({"property": value}))["property"]
    assert decoded == value
    assert type(decoded) is type(value)


def test_absent_values_are_left_out() -> None:
    """A property that is None is no property."""
    assert decode_struct(encode_struct({"gone": None, "kept": 1})) == {"kept": 1}


def test_uses_the_engines_signatures() -> None:
    """Secrets and unknowns are what the engine takes for them."""
    sent = encode_struct({"key": Secret("value"), "later": UNKNOWN})
    assert dict(sent["key"]) == {SIGNATURE: SECRET_SIGNATURE, "value": "value"}
    assert sent["later"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_reads_output_values_and_resource_references() -> None:
    """An output without a value is unknown, a secret one is secret, a resource stands for its id."""
    wire = {
        "later": {SIGNATURE: OUTPUT_SIGNATURE},
        "known": {SIGNATURE: OUTPUT_SIGNATURE, "value": 1, "secret": True},
        "resource": {SIGNATURE: RESOURCE_SIGNATURE, "urn": "urn:pulumi:s::p::t::n", "id": "vpc-1"},
    }
    assert decode_struct(encode_struct(wire)) == {"later": UNKNOWN, "known": Secret(1), "resource": "vpc-1"}


def test_plain_takes_secret_marks_off_everywhere() -> None:
    """For use, secrets are their values, at any depth."""
    assert plain({"a": Secret({"b": [Secret(1)]})}) == {"a": {"b": [1]}}


def test_finds_what_is_inside() -> None:
    """Unknowns and secrets are found at any depth, behind secrets too."""
    assert holds(Unknown, {"a": [Secret({"b": UNKNOWN})]})
    assert not holds(Unknown, {"a": [Secret({"b": 1})]})
    assert holds(Secret, [{"a": Secret(1)}])


def test_outputs_keep_the_secrecy_of_their_inputs() -> None:
    """An output given as a secret input is a secret again; others are not."""
    assert keep_secrets({"policy": "p", "arn": "a"}, {"policy": Secret("p")}) == {"policy": Secret("p"), "arn": "a"}


def test_nothing_of_a_secret_is_printed() -> None:
    """A secret's representation does not show it."""
    assert "hidden" not in repr({"a": Secret("hidden")})


def test_reads_assets(tmp_path: Path) -> None:
    """Text and files are read; an archive is refused with the reason."""
    (tmp_path / "file").write_bytes(b"\x00\xff")
    assert Asset(fields={"path": str(tmp_path / "file")}).read() == b"\x00\xff"
    assert Asset(fields={"text": "héllo"}).read() == "héllo".encode()
    with pytest.raises(ValueError, match="only FileAsset and StringAsset"):
        Asset(fields={"path": str(tmp_path)}, kind="archive").read()
