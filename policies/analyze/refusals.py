"""Files that are no state of Pulumi, each refused in one sentence that says what it is and what to do."""

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies.errors import PolicyError

EXPORT = "export it with `pulumi stack export`"
ENCRYPTED = {
    b"age-encryption.org/v1": "age",
    b"-----BEGIN AGE ENCRYPTED FILE-----": "age",
    b"-----BEGIN PGP MESSAGE-----": "GPG",
    b"\x85\x01": "GPG",
    b"\x85\x02": "GPG",
    b"\x8c\x0d": "GPG",
}
"""How wholly encrypted files begin; the binary ones of GPG with a packet for a key (RSA, 2048 to 4096 bits) or a passphrase."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
CLOUDFORMATION = ("AWSTemplateFormatVersion", "StackResources", "StackResourceSummaries", "Resources")


def read_document(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file, which may be packed with gzip; raises PolicyError for anything else."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise PolicyError(f"{path.name} cannot be read ({error}).") from error
    if tool := next((tool for start, tool in ENCRYPTED.items() if content.startswith(start)), None):
        raise PolicyError(f"{path.name} is encrypted with {tool}: decrypt it first.")
    if content.startswith(ZSTD):
        raise PolicyError(f"{path.name} is packed with zstd: {EXPORT} instead of reading the backend's own file.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{path.name} is not JSON: {EXPORT}.") from error
    if not isinstance(document, dict):
        raise PolicyError(f"{path.name} is no state of a stack: {EXPORT}.")
    _refuse_other_tools(document, path)
    return document


def _refuse_other_tools(document: Mapping[str, Any], path: Path) -> None:
    if "sops" in document:
        raise PolicyError(f"{path.name} is encrypted with SOPS: decrypt it first.")
    if "terraform_version" in document or {"lineage", "serial"} <= set(document):
        raise PolicyError(
            f"{path.name} is a state of Terraform, which this pack cannot judge: {EXPORT} of a Pulumi stack."
        )
    if any(key in document for key in CLOUDFORMATION):
        raise PolicyError(
            f"{path.name} is of CloudFormation, which this pack cannot judge: {EXPORT} of a Pulumi stack."
        )
    if "steps" in document and "changeSummary" in document:
        raise PolicyError(f"{path.name} is a preview, which changes nothing: preview with --policy-pack instead.")
