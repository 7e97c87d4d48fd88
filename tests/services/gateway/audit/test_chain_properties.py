"""What holds for every chain, not only for those that somebody thought of."""

from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.audit.chain import BrokenLineError, Head, before_first, parse, seal
from services.gateway.audit.verify import verify
from tests.services.gateway.properties import PROPERTY

CHAIN = "20260102T030405000000Z-gateway-0"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.dictionaries(st.text().filter(lambda name: name != "hash"), JSON, max_size=6)
OURS = {"chain", "sequence", "previous"}


def chained(records: list[dict[str, Any]]) -> tuple[bytes, Head]:
    """The lines of a chain with these records, and its head."""
    head, lines = before_first(CHAIN), []
    for record in records:
        line, head = seal(record, head)
        lines.append(line)
    return b"".join(lines), head


def without_ours(record: dict[str, Any]) -> dict[str, Any]:
    """What the chain does not set itself."""
    return {name: value for name, value in record.items() if name not in OURS}


@PROPERTY
@given(st.lists(FIELDS, min_size=1, max_size=5))
def test_what_was_sealed_is_read_again(records: list[dict[str, Any]]) -> None:
    """One line each, with its fields as they were and in the place that it was given."""
    content, head = chained(records)
    lines = [parse(line) for line in content.splitlines(keepends=True)]
    for line, record in zip(lines, records, strict=True):
        assert {name: line.fields[name] for name in record.keys() - OURS} == without_ours(record)
    assert all(after.follows(before.head) for before, after in pairwise(lines))
    assert lines[-1].head == head


@PROPERTY
@given(st.lists(FIELDS, min_size=1, max_size=4), st.data())
def test_no_change_passes(tmp_path: Path, records: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whatever part of a trail is replaced by whatever else, a verification that knows its head finds it."""
    content, head = chained(records)
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    other = data.draw(st.binary(max_size=20) | st.sampled_from([content[start:end], content[:end], b"\n"]))
    path = tmp_path / f"{CHAIN}.000000000000.jsonl"
    path.write_bytes(content[:start] + other + content[end:])
    changed = path.read_bytes() != content
    assert bool(verify([path], known=[head]).faults) == changed


@PROPERTY
@given(st.binary() | JSON.map(lambda value: repr(value).encode()))
def test_whatever_is_no_record_is_a_broken_line(body: bytes) -> None:
    """Also where its hash is right: nothing else than that error comes of it."""
    digest = sha256(body + b"}").hexdigest().encode()
    for line in (body, body + b"\n", body + b',"hash":"' + digest + b'"}\n'):
        with pytest.raises(BrokenLineError):
            parse(line)


def test_a_record_that_is_nested_without_end_is_a_broken_line() -> None:
    """A reader of trails is not stopped by one line."""
    body = b'{"a":' + b"[" * 100_000
    line = body + b',"hash":"' + sha256(body + b"}").hexdigest().encode() + b'"}\n'
    with pytest.raises(BrokenLineError):
        parse(line)
