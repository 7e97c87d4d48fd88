"""Measure the gateway's engine beside Presidio's defaults: `python -m model_build.deid evaluate`."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from model_build.deid import handwritten
from model_build.deid.examples import Example, Part
from model_build.deid.generate import examples
from model_build.deid.score import Rates, Score, rates
from model_build.deid.systems import SYSTEMS, Find
from services.gateway.deidentify import ENTITY_TYPES

SEED = 2026
_WARM_UP = 20
_BY_HAND = "handwritten, "


@dataclass(frozen=True)
class Measured:
    """What one system did on one set of texts."""

    system: str
    score: Score
    seconds: float

    @property
    def texts_per_second(self) -> float:
        """On one core."""
        return self.score.texts / self.seconds


def texts(count: int, part: Part) -> dict[str, list[Example]]:
    """The sets of texts: generated ones, and each file of those written by hand."""
    by_hand = {f"{_BY_HAND}{path.stem}": list(handwritten.read(path)) for path in handwritten.paths(part)}
    return {"generated": list(examples(SEED, count, part)), **by_hand}


def evaluate(names: Sequence[str], count: int, part: Part) -> dict[str, list[Measured]]:
    """Every named system on the same texts."""
    sets = texts(count, part)
    found: dict[str, list[Measured]] = {name: [] for name in sets}
    with _one_core():
        for name in names:
            label, find = SYSTEMS[name]()
            for kind, those in sets.items():
                found[kind].append(_measure(label, find, those))
    return found


def markdown(found: Mapping[str, Sequence[Measured]]) -> str:
    """The sets of texts, a row each; then a table, a row for each entity type, of all texts written by hand, and of each other."""
    by_hand = [systems for kind, systems in found.items() if kind.startswith(_BY_HAND)]
    tables = {kind: systems for kind, systems in found.items() if not kind.startswith(_BY_HAND)}
    if by_hand:
        tables = {"all texts written by hand": _together(by_hand)} | tables
    parts = [
        _overview(found),
        *(f"**{_title(kind, systems)}**\n\n{_table(systems)}" for kind, systems in tables.items()),
    ]
    return "\n\n".join(parts)


def write(found: dict[str, list[Measured]], path: Path, part: Part) -> None:
    """The counts and rates as JSON, without any text."""
    content = {
        "part": part,
        "seed": SEED,
        "sets": {
            kind: [
                {
                    "system": each.system,
                    "texts_per_second": round(each.texts_per_second, 1),
                    "leak_rate": each.score.leak_rate,
                    "counts": vars(each.score),
                    "rates": {kind: asdict(rates(each.score, [kind])) for kind in ENTITY_TYPES}
                    | {"all": asdict(rates(each.score, ENTITY_TYPES))},
                }
                for each in systems
            ]
            for kind, systems in found.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def misses(find: Find, sample: Iterable[Example]) -> Iterator[str]:
    """Each identifier that was not found and each prediction that is none, with some text around it: to develop with."""
    for example in sample:
        predicted = find(example.text) or ()
        for label, wanted, given in (("missed", example.spans, predicted), ("extra", predicted, example.spans)):
            held = {index for span in given for index in range(span.start, span.end)}
            for span in wanted:
                own = [index for index in range(span.start, span.end) if example.text[index].isalnum()]
                hit = held.issuperset(own) if label == "missed" else bool(held.intersection(own))
                if not hit:
                    before, after = example.text[max(0, span.start - 30) : span.start], example.text[span.end :][:20]
                    shown = f"{before}[{example.text[span.start : span.end]}]{after}".replace("\n", "\\n")
                    yield f"{label}\t{span.type}\t{shown}"


def _measure(label: str, find: Find, sample: Sequence[Example]) -> Measured:
    for example in sample[:_WARM_UP]:
        find(example.text)
    started = time.perf_counter()
    answers = [find(example.text) for example in sample]
    seconds = time.perf_counter() - started
    score = Score()
    for example, answer in zip(sample, answers, strict=True):
        score.add(example, answer)
    return Measured(label, score, seconds)


@contextmanager
def _one_core() -> Iterator[None]:
    """This process, and the threads that it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _together(sets: Sequence[Sequence[Measured]]) -> list[Measured]:
    """The same systems on several sets of texts as if these were one."""
    return [
        Measured(each[0].system, Score.total(part.score for part in each), sum(part.seconds for part in each))
        for each in zip(*sets, strict=True)
    ]


def _title(kind: str, systems: Sequence[Measured]) -> str:
    return f"{kind[0].upper()}{kind[1:]}: {systems[0].score.texts:,} texts"


def _overview(found: Mapping[str, Sequence[Measured]]) -> str:
    """A row for each set and system."""
    rows = [["texts", "", "", "recall", "precision", "F2", "texts with anything left", "texts a second, one core"]]
    rows.append(["---", "--:", "---", *(["--:"] * 5)])
    for kind, systems in found.items():
        for each in systems:
            every = rates(each.score, ENTITY_TYPES)
            figures = [_figure(every.recall), _figure(every.precision), _figure(every.f2)]
            left, speed = f"{each.score.leak_rate:.2%}", f"{each.texts_per_second:,.0f}"
            rows.append([kind, f"{each.score.texts:,}", each.system, *figures, left, speed])
    return _lines(rows)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _table(systems: Sequence[Measured]) -> str:
    head = ["type", "spans"]
    for each in systems:
        head += [f"{each.system}: recall", "precision", "F2", "recall as this type"]
    rows = [head, ["---", *(["--:"] * (len(head) - 1))]]
    for kind in ENTITY_TYPES:
        if systems[0].score.marked[kind]:
            rows.append(_row(kind, [rates(each.score, [kind]) for each in systems]))
    rows.append(_row("all", [rates(each.score, ENTITY_TYPES) for each in systems]))
    for label, values in (
        ("texts with anything left", [f"{each.score.leak_rate:.2%}" for each in systems]),
        ("texts refused", [str(each.score.refused) for each in systems]),
        ("texts a second, one core", [f"{each.texts_per_second:,.0f}" for each in systems]),
    ):
        rows.append([label, "", *(cell for value in values for cell in (value, "", "", ""))])
    return _lines(rows)


def _row(label: str, found: Sequence[Rates]) -> list[str]:
    cells = [label, str(found[0].spans)]
    for each in found:
        cells += [_figure(each.recall), _figure(each.precision), _figure(each.f2), _figure(each.exact_recall)]
    return cells


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
