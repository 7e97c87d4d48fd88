"""Records of this pod's volume, for `GET /v1/audit`. Other pods' and those that were shipped are in the archive."""

from pathlib import Path
from typing import Any

from services.gateway.audit.chain import BrokenLineError, Head, parse
from services.gateway.audit.segments import listing, segment_name

LARGEST_PAGE = 1000


def page(folder: Path, *, chain: Head, after: int = -1, limit: int = 100) -> list[dict[str, Any]]:
    """Up to `limit` durable records of the chain that ends in `chain`, with a sequence above `after`, oldest first.

    Reads files: call it in a thread. Raises OSError.
    """
    records: list[dict[str, Any]] = []
    limit = min(limit, LARGEST_PAGE)
    segments = [path for path in listing(folder) if path.name.startswith(f"{chain.chain}.")]
    begins = segment_name(chain.chain, after + 1)
    # The last segment that begins at or before the page, and those behind it.
    skipped = max(sum(path.name <= begins for path in segments) - 1, 0)
    for path in segments[skipped:]:
        with path.open("rb") as file:
            for raw in file:
                try:
                    line = parse(raw)
                except BrokenLineError:
                    return records
                if line.head.sequence > chain.sequence or len(records) == limit:
                    return records
                if line.head.sequence > after:
                    records.append({**line.fields, "hash": line.head.hash})
    return records
