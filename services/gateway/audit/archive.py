"""Where the collector puts records."""

import logging
import sys
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, Protocol, TextIO

from services.gateway.audit.chain import BrokenLineError, Line, parse
from services.gateway.audit.segments import SUFFIX, archive_name

logger = logging.getLogger(__name__)


class Archive(Protocol):
    """A store of whole lines."""

    def put(self, content: bytes) -> None:
        """Return when it is stored for good; any exception means that it has to be tried again."""
        ...


class ObjectStore(Protocol):
    """The part of boto3's S3 client that is used."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> Any: ...


def object_name(content: bytes) -> str:
    """From the first record, the last one and its hash: the name anchors the content, which the bucket locks."""
    try:
        lines = _chained(content)
    except BrokenLineError as error:
        logger.error("Records that are not whole were fetched, and are kept apart: %s.", error)
        return f"broken/{sha256(content).hexdigest()}{SUFFIX}"
    return archive_name(lines[0].head.sequence, lines[-1].head)


def _chained(content: bytes) -> Sequence[Line]:
    lines = [parse(raw) for raw in content.splitlines(keepends=True)]
    for before, line in pairwise(lines):
        if not line.follows(before.head):
            raise BrokenLineError("a record does not follow the one before it")
    return lines


class S3Archive:
    """Objects below a prefix of a bucket. What is put twice is there twice, as two versions of an object."""

    def __init__(self, store: ObjectStore, *, uri: str) -> None:
        """`uri` is s3://bucket/prefix; ValueError when it is not."""
        scheme, _, rest = uri.partition("://")
        self._bucket, _, prefix = rest.partition("/")
        self._prefix = prefix.strip("/")
        if scheme != "s3" or not self._bucket or not self._prefix:
            raise ValueError("Set AUDIT_ARCHIVE to s3://bucket/prefix, where the collector may write.")
        self._store = store

    def put(self, content: bytes) -> None:
        key = f"{self._prefix}/{object_name(content)}"
        self._store.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="application/x-ndjson")


class PrintedArchive:
    """Also on a stream, for whoever may read the collector's log; after `archive` has it."""

    def __init__(self, archive: Archive, stream: TextIO = sys.stdout) -> None:
        self._archive, self._stream = archive, stream

    def put(self, content: bytes) -> None:
        self._archive.put(content)
        self._stream.write(content.decode("ascii", errors="backslashreplace"))
        self._stream.flush()
