"""The init container of the model servers: fetch a model from S3 and check every byte of it against its manifest.

Needs boto3 and the standard library only. Credentials come from the environment (a projected service-account token).
Only what the manifest lists is asked for, so that nothing else in the bucket reaches the pod.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from model_build.manifest import LARGEST_MANIFEST, MANIFEST, File, Manifest, ManifestError, check, digest, parse

_CHUNK = 1_048_576
_TERMINATION_LOG = Path("/dev/termination-log")
_REMEDY = "so nothing was started: find out who wrote to the bucket, then publish the model again."


class FetchError(Exception):
    """The model cannot be fetched: one sentence that names the remedy."""


class Storage(Protocol):
    """The part of boto3's S3 client that is used."""

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]: ...


def fetch(storage: Storage, *, uri: str, manifest_sha256: str, target: Path) -> Manifest:
    """Bring the model at `uri` (s3://bucket/prefix) into `target`, checked; one that is there and right is kept.

    Raises FetchError or ManifestError and then leaves no manifest.json in `target`: nothing half-fetched is served.
    """
    bucket, prefix = _split(uri)
    if present := _present(target, manifest_sha256):
        return present
    target.mkdir(parents=True, exist_ok=True)
    (target / MANIFEST).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".fetch-") as scratch:
        aside = Path(scratch)
        _get(storage, bucket, f"{prefix}/{MANIFEST}", aside / MANIFEST, limit=LARGEST_MANIFEST)
        if digest(aside / MANIFEST) != manifest_sha256:
            raise FetchError(f"The SHA-256 of {MANIFEST} in the bucket is not the deployed one's, {_REMEDY}")
        manifest = parse((aside / MANIFEST).read_bytes())
        for path, file in manifest.files.items():
            _get(storage, bucket, f"{prefix}/{path}", aside / path, limit=file.size)
            _verify(aside / path, path, file)
        shutil.rmtree(target / "repository", ignore_errors=True)
        (aside / "repository").replace(target / "repository")
        (aside / MANIFEST).replace(target / MANIFEST)  # last: whoever finds it finds a whole model
    return manifest


def main() -> int:
    """Fetch as MODEL_URI, MODEL_MANIFEST_SHA256 and MODEL_DIR say; 1 where that fails.

    The reason is the last line of the log and the container's termination message, which `kubectl describe pod` shows.
    """
    try:
        uri, sha256, target = (_required(name) for name in ("MODEL_URI", "MODEL_MANIFEST_SHA256", "MODEL_DIR"))
        manifest = fetch(_client(), uri=uri, manifest_sha256=sha256, target=Path(target))
    except (FetchError, ManifestError) as error:
        print(error, file=sys.stderr)
        if _TERMINATION_LOG.exists():
            _TERMINATION_LOG.write_text(f"{error}\n")
        return 1
    print(f"model {manifest.name} {manifest.version}: {len(manifest.files)} files fetched and verified")
    return 0


def _required(name: str) -> str:
    if not (value := os.environ.get(name)):
        raise FetchError(f"The variable {name} is not set: set it in the init container.")
    return value


def _client() -> Storage:
    import boto3
    from botocore.config import Config

    retries = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 6})
    client: Storage = boto3.client("s3", config=retries)
    return client


def _split(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket or not prefix.strip("/"):
        raise FetchError("MODEL_URI is not of the form s3://bucket/prefix: set it to where the model was uploaded.")
    return bucket, prefix.strip("/")


def _present(target: Path, manifest_sha256: str) -> Manifest | None:
    """The model in `target` where it is whole and the right one: an init container may run again on the same volume."""
    try:
        if digest(target / MANIFEST) != manifest_sha256:
            return None
        manifest = parse((target / MANIFEST).read_bytes())
        check(target, manifest)
    except (OSError, ManifestError):
        return None
    return manifest


def _verify(found: Path, path: str, file: File) -> None:
    if found.stat().st_size != file.size or digest(found) != file.sha256:
        raise FetchError(f"The SHA-256 of {path} in the bucket is not the manifest's, {_REMEDY}")


def _get(storage: Storage, bucket: str, key: str, path: Path, *, limit: int) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as sink:
            _copy(storage.get_object(Bucket=bucket, Key=key)["Body"], sink, key=key, limit=limit)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        raise FetchError(f"S3 refused the object {key} ({code}): check the upload and the role of the pod.") from error
    except BotoCoreError as error:
        raise FetchError(f"S3 did not serve the object {key} ({type(error).__name__}): check the network.") from error
    except OSError as error:
        raise FetchError(f"The object {key} cannot be stored ({error.strerror}): enlarge the volume.") from error


def _copy(body: Any, sink: IO[bytes], *, key: str, limit: int) -> None:
    received = 0
    while chunk := body.read(_CHUNK):
        received += len(chunk)
        if received > limit:
            raise FetchError(f"The object {key} has more than its {limit} bytes, {_REMEDY}")
        sink.write(chunk)


if __name__ == "__main__":
    raise SystemExit(main())
