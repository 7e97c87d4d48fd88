"""Records as lines that are chained by hash, so that a changed, missing, moved or added one shows.

A line is a JSON object whose last member, `hash`, is the SHA-256 of everything before it (closed with a brace), `previous`
being the hash of the line before. It is plain SHA-256 and no HMAC: whoever verifies needs no secret, and a key in the
pod would be in the hands of whoever has taken the pod. What a hash alone does not show is an end that was cut off, or
written anew, by somebody who can write the file; heads that are kept elsewhere show it (anchors: the operational log, the
names of the archive's objects under Object Lock, the start record of the next chain).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""`previous` of a chain's first record."""
CHAIN = re.compile(r"[0-9]{8}T[0-9]{12}Z-[A-Za-z0-9.-]{1,253}")
"""Name of a chain: when it began (UTC, to the microsecond) and in which instance. Names sort by time."""
_TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"}\n')
_TAIL_LENGTH = 76
_LARGEST = 1_000_000_000_000
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


class BrokenLineError(Exception):
    """A line is not what was written: one sentence that says what is wrong with it."""


@dataclass(frozen=True)
class Head:
    """A chain's record, identified."""

    chain: str
    sequence: int
    hash: str

    def as_json(self) -> dict[str, Any]:
        """For another record that names it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Head":
        """ValueError where it is none."""
        match value:
            case {"chain": str(chain), "sequence": int(sequence), "hash": str(digest)}:
                return cls(chain, sequence, digest)
        raise ValueError("not a head")


@dataclass(frozen=True)
class Line:
    """A line whose hash is right; whether it follows the one before, `follows` says."""

    head: Head
    previous: str
    fields: Mapping[str, Any]

    def follows(self, head: Head) -> bool:
        """Whether it is the very next record after `head`."""
        return (self.head.chain, self.head.sequence, self.previous) == (head.chain, head.sequence + 1, head.hash)


def before_first(chain: str) -> Head:
    """What a chain's first record follows."""
    return Head(chain, -1, GENESIS)


def seal(fields: Mapping[str, Any], after: Head) -> tuple[bytes, Head]:
    """The line with these fields after that record, and its own head."""
    sequence = after.sequence + 1
    chained = {**fields, "chain": after.chain, "sequence": sequence, "previous": after.hash}
    body = _ENCODER.encode(chained).encode("ascii")
    digest = sha256(body).hexdigest()
    return b'%b,"hash":"%b"}\n' % (body[:-1], digest.encode()), Head(after.chain, sequence, digest)


def parse(line: bytes) -> Line:
    """The record in a line with its line feed; BrokenLineError where it is not as it was written."""
    if not line.endswith(b"\n"):
        raise BrokenLineError("the line is cut off")
    tail = _TAIL.fullmatch(line[-_TAIL_LENGTH:])
    body = line[:-_TAIL_LENGTH] + b"}"
    if not tail or sha256(body).hexdigest().encode() != tail[1]:
        raise BrokenLineError("the record is not the one that its hash was made of")
    try:
        fields = json.loads(body)
        chain, sequence, previous = fields["chain"], fields["sequence"], fields["previous"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrokenLineError("the line is not a record") from None
    if not (isinstance(chain, str) and CHAIN.fullmatch(chain) and type(sequence) is int and isinstance(previous, str)):
        raise BrokenLineError("the record names no chain or no place in it")
    if not 0 <= sequence < _LARGEST:
        raise BrokenLineError("the record's number is out of range")
    return Line(Head(chain, sequence, tail[1].decode()), previous, fields)
