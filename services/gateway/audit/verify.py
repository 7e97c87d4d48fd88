"""Checks chains: finds what was edited, deleted, inserted, moved, spliced or cut off, and names the first broken record."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.gateway.audit.chain import GENESIS, BrokenLineError, Head, Line, parse
from services.gateway.audit.segments import SUFFIX, named

_ANCHOR = re.compile(r"Audit anchor: chain (\S+) sequence (\d+) hash ([0-9a-f]{64})")


@dataclass(frozen=True)
class Fault:
    """What is wrong, with the file and the line or the chain and the record at which it shows."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Chain:
    """What is left of a chain once copies are put aside: `lines` are whole and follow one another."""

    name: str
    lines: list[Line] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether its last record is the one that its process ended it with."""
        return bool(self.lines) and self.lines[-1].fields.get("kind") == "end"

    def at(self, sequence: int) -> Line | None:
        """The record with this number."""
        index = sequence - self.lines[0].head.sequence if self.lines else -1
        return self.lines[index] if 0 <= index < len(self.lines) else None


@dataclass
class Report:
    """The chains that were found, and what is wrong, the first fault of each file and chain in order."""

    chains: dict[str, Chain] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many there are in all chains."""
        return sum(len(chain.lines) for chain in self.chains.values())


def anchors(texts: Iterable[str]) -> Iterator[Head]:
    """Heads that the operational log tells of, among whatever else it tells."""
    for text in texts:
        for chain, sequence, digest in _ANCHOR.findall(text):
            yield Head(chain, int(sequence), digest)


def verify(paths: Sequence[Path], *, known: Iterable[Head] = (), partial: bool = False) -> Report:
    """Check files and every segment in folders. `known` heads have to be there, each with its hash.

    `partial` is for a volume whose earlier records are in the archive: chains may begin in the middle, and what lies before
    may be missing. Raises OSError for what can't be read.
    """
    report = Report()
    pieces: dict[str, list[tuple[Path, list[Line]]]] = {}
    for path in _files(paths):
        lines, fault = _file(path)
        if fault:
            report.faults.append(fault)
        if lines:
            pieces.setdefault(lines[0].head.chain, []).append((path, lines))
    for name, parts in sorted(pieces.items()):
        report.chains[name] = Chain(name)
        if fault := _join(report.chains[name], parts, partial=partial):
            report.faults.append(fault)
    for where, head in [*_continued(report), *(("anchor", head) for head in known)]:
        if fault := _missing(report, head, where=where, partial=partial):
            report.faults.append(fault)
    report.faults += _outgrown(report)
    return report


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]


def _file(path: Path) -> tuple[list[Line], Fault | None]:
    """The records up to the first that is broken, or is not the one after the record before it."""
    lines: list[Line] = []
    content = path.read_bytes()
    for number, raw in enumerate(content.splitlines(keepends=True), 1):
        try:
            line = parse(raw)
        except BrokenLineError as error:
            return lines, Fault(f"{path}:{number}", f"{_place(lines)}{error}")
        if lines and not line.follows(lines[-1].head):
            return lines, Fault(f"{path}:{number}", f"{_place(lines)}{_not_next(lines[-1], line)}")
        lines.append(line)
    return lines, _misnamed(path, lines)


def _place(lines: Sequence[Line]) -> str:
    return f"after record {lines[-1].head.sequence} of chain {lines[-1].head.chain}: " if lines else ""


def _not_next(before: Line, line: Line) -> str:
    if line.head.chain != before.head.chain:
        return f"a record of another chain, {line.head.chain}"
    if line.head.sequence != before.head.sequence + 1:
        return f"record {line.head.sequence} is not the next one"
    return f"record {line.head.sequence} was not written after the record that is before it"


def _misnamed(path: Path, lines: Sequence[Line]) -> Fault | None:
    name = named(path)
    if name.chain is None:
        return None
    if not lines:
        return Fault(str(path), "the records that its name tells of are missing") if name.last is not None else None
    first, last = lines[0].head, lines[-1].head
    if (name.chain, name.first) != (first.chain, first.sequence):
        return Fault(
            f"{path}:1", f"record {first.sequence} of chain {first.chain} is not the one that the name tells of"
        )
    if name.last is not None and (name.last, name.hash) != (last.sequence, last.hash):
        return Fault(f"{path}:{len(lines)}", f"record {last.sequence} is not the last one that the name tells of")
    return None


def _join(chain: Chain, parts: Sequence[tuple[Path, list[Line]]], *, partial: bool) -> Fault | None:
    """Put the files of one chain behind one another. Records that were shipped twice have to be the same."""
    for path, lines in sorted(parts, key=lambda part: part[1][0].head.sequence):
        for number, line in enumerate(lines, 1):
            where = f"{path}:{number}"
            if not chain.lines:
                if not partial and not (line.head.sequence == 0 and line.previous == GENESIS):
                    return Fault(
                        where, f"the chain begins with record {line.head.sequence}: those before it are missing"
                    )
                chain.lines.append(line)
            elif line.follows(chain.lines[-1].head):
                chain.lines.append(line)
            elif known := chain.at(line.head.sequence):
                if known.head != line.head:
                    return Fault(where, f"there are two records {line.head.sequence} of chain {chain.name}")
            else:
                return Fault(where, f"{_place(chain.lines)}{_not_next(chain.lines[-1], line)}")
    return None


def _continued(report: Report) -> Iterator[tuple[str, Head]]:
    """The ends that start records say earlier chains had."""
    for chain in report.chains.values():
        for line in chain.lines[:1]:
            if line.fields.get("continues"):
                yield f"the start of chain {chain.name}", _head(line)


def _head(line: Line) -> Head:
    try:
        return Head.from_json(line.fields["continues"])
    except ValueError:
        return Head("unknown", 0, GENESIS)


def _missing(report: Report, head: Head, *, where: str, partial: bool) -> Fault | None:
    chain = report.chains.get(head.chain)
    found = chain.at(head.sequence) if chain else None
    if found and found.head == head:
        return None
    place = f"record {head.sequence} of chain {head.chain}"
    if found:
        return Fault(where, f"{place} is another one there")
    if partial and not (chain and chain.lines and head.sequence > chain.lines[-1].head.sequence):
        return None
    return Fault(where, f"{place} is missing")


def _outgrown(report: Report) -> Iterator[Fault]:
    """Chains with records behind the end that the chain after them saw."""
    for where, head in _continued(report):
        chain = report.chains.get(head.chain)
        if chain and chain.at(head.sequence + 1):
            yield Fault(where, f"record {head.sequence} was the last of chain {head.chain}, and more were added")
