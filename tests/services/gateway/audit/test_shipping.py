"""What was shipped, and what is next."""

from pathlib import Path

from services.gateway.audit.segments import listing
from services.gateway.audit.shipping import Shipping
from services.gateway.audit.verify import verify
from tests.services.gateway.audit.trail import chain_writer, write_chain


def shipped(folder: Path, into: Path) -> int:
    """Ship everything; the number of batches."""
    shipping = Shipping(folder)
    into.mkdir(exist_ok=True)
    number = 0
    while batch := shipping.next():
        (into / f"{len(list(into.iterdir())):03d}.jsonl").write_bytes(batch.content)
        assert shipping.received(batch.receipt)
        number += 1
    return number


def test_everything_is_shipped_once_and_whole_segments_are_freed(tmp_path: Path) -> None:
    """Across segments, chains and restarts of both processes; the newest segment stays, for the next chain to go on from."""
    folder, archive = tmp_path / "volume", tmp_path / "archive"
    folder.mkdir()
    for _ in range(3):
        write_chain(folder, *[3] * 10, end=True, segment_bytes=2000)
        assert shipped(folder, archive) > 1
        assert len(listing(folder)) == 1
    assert shipped(folder, archive) == 0
    report = verify([archive])
    assert (report.faults, report.records) == ([], 3 * 32)


def test_what_is_offered_is_offered_until_its_receipt_comes(tmp_path: Path) -> None:
    """Another receipt than its own does not count, nor does one that comes twice."""
    write_chain(tmp_path, 2)
    shipping = Shipping(tmp_path)
    batch = shipping.next()
    assert batch
    assert shipping.next() == batch
    assert not shipping.received("0" * 64)
    assert shipping.next() == batch
    assert shipping.received(batch.receipt)
    assert not shipping.received(batch.receipt)
    assert shipping.next() is None


def test_a_line_that_is_being_written_is_not_shipped(tmp_path: Path) -> None:
    """Nor what a kill left of one."""
    write_chain(tmp_path, 2)
    (path,) = listing(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"chain"')
    batch = Shipping(tmp_path).next()
    assert batch
    assert batch.content == whole


def test_a_lost_position_ships_again(tmp_path: Path) -> None:
    """Twice rather than not at all."""
    folder, archive = tmp_path / "volume", tmp_path / "archive"
    folder.mkdir()
    write_chain(folder, 5)
    shipped(folder, archive)
    (folder / "shipped.json").write_text("no position")
    assert shipped(folder, archive) == 1
    assert verify([archive]).faults == []


def test_shipping_makes_room_on_a_full_volume(tmp_path: Path) -> None:
    """The writer goes on."""
    folder = tmp_path / "volume"
    folder.mkdir()
    writer = chain_writer(folder, max_bytes=5000, segment_bytes=1500)
    for _ in range(100):
        try:
            writer.append([{"kind": "request"}])
        except OSError:
            shipped(folder, tmp_path / "archive")
    shipped(folder, tmp_path / "archive")
    report = verify([tmp_path / "archive"])
    assert report.faults == []
    assert 70 < report.records <= 101
