"""What the report says, whatever it is written as: sections of sentences, a table and a plot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loadtests.capacity import Objective
from loadtests.comparison import Raw
from loadtests.intervals import Interval
from loadtests.report import figures, paper, plots
from loadtests.report.limit import Limit
from loadtests.report.plots import Plot

_IDLE_S = 0.1
"""A service that used less processor time in a run had no part in it."""


@dataclass(frozen=True)
class Table:
    """Cells as text; all columns but the first hold numbers unless `words` says how many do not."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


@dataclass(frozen=True)
class Section:
    """A heading with what is below it."""

    title: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    plot: Plot | None = None
    level: int = 2
    details: Sequence[str] = field(default_factory=tuple)
    """Items of a list."""


def sections(raw: Raw, limit: Limit | None) -> list[Section]:
    """Of one run; parts of which nothing was measured are left out, and said so."""
    made = [_head(raw)]
    if any(figures.one_client(raw, path) for path in figures.paths(raw)):
        made += [_table(raw, limit), _against_paper(raw)]
    if any(figures.opened(raw, path) for path in figures.paths(raw)):
        made.append(_latency(raw, limit))
    if any(figures.closed(raw, path) for path in figures.paths(raw)):
        made += [_throughput(raw, limit), _distribution(raw), *_batches(raw), *_cpu(raw)]
    return [*made, *_single(raw), *_runs(raw)]


def _head(raw: Raw) -> Section:
    machine, texts = raw.machine, raw.texts
    rounds = max((each.round for each in raw.measured), default=-1) + 1
    return Section(
        f"Load test of {raw.target}",
        level=1,
        sentences=[
            "Every path gets the same texts in the same order. Each load is put on each path in turn, once a round, after a "
            f"warm-up that is not counted; figures are means of {rounds} round{'s' if rounds > 1 else ''}"
            + (
                " with 95 % confidence intervals over them (Student's t)."
                if rounds > 1
                else ", so without an interval."
            )
        ],
        details=[
            f"When: {raw.time}",
            f"Command: `{raw.command}`",
            f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB; the load generator (k6) is on it, "
            f"with a load of {machine['load_before']} before it began",
            f"Texts: {texts['count']:g} different ones of {texts['median_words']:g} words at the median, {texts['p90_words']:g} at "
            f"the ninth decile, {texts['most_words']:g} at most",
            f"Objective: {raw.objective}",
        ],
    )


def _table(raw: Raw, limit: Limit | None) -> Section:
    head = [
        "path",
        "p50 ms",
        "p95 ms",
        "p50 ms, fresh connection",
        "requests/s",
        "requests/s within the objective",
        "p50, ratio",
        "requests/s, ratio",
    ]
    rows = []
    for path in figures.paths(raw):
        one, fresh, busiest = (
            figures.one_client(raw, path),
            figures.one_client(raw, path, "fresh"),
            figures.busiest(raw, path),
        )
        rows.append(
            [
                path,
                _shown(_of(one, figures.p50)),
                _shown(_of(one, figures.p95)),
                _shown(_of(fresh, figures.p50)),
                _shown(_of(busiest, figures.per_s), 0),
                _shown(figures.knees(raw, path), 0),
                _ratio(figures.to_reference(raw, path, figures.one_client, figures.p50)),
                _ratio(figures.to_reference(raw, path, figures.busiest, figures.per_s)),
            ]
        )
    if limit:
        rows.append(["raw ONNX Runtime", f"{limit.p50_ms:.1f}", "-", "-", f"{limit.per_s:.0f}", "-", "-", "-"])
    return Section(
        "Latency and throughput",
        [
            "p50 and p95 are of one client that asks when it has its answer, on one connection; requests/s is the most that "
            "any number of clients got answered; within the objective is the highest offered rate up to which every step kept "
            f"to it ({raw.objective}). Ratios are to {figures.REFERENCE}, round by round."
        ],
        Table(head, rows),
    )


def _against_paper(raw: Raw) -> Section:
    rows = [[*row] for row in paper.ROWS]
    for path in figures.paths(raw):
        one, busiest = figures.one_client(raw, path), figures.busiest(raw, path)
        if one and busiest:
            cells = [f"{one.of(value).mean:.1f}" for value in (figures.p50, figures.p95)]
            rows.append([path, f"this run, {raw.target}", *cells, f"{busiest.of(figures.per_s).mean:.0f}"])
    return Section(
        "Beside the paper",
        [f"The comparison that this repository takes up: {paper.CITATION}. The figures differ because:"],
        Table(["path", "measured by", "p50 ms", "p95 ms", "requests/s"], rows, words=2),
        details=paper.DIFFERENCES,
    )


def _latency(raw: Raw, limit: Limit | None) -> Section:
    return Section(
        "Latency against offered load",
        [
            "An open loop: requests come at their rate whatever the service does. Lines are means of the rounds, points single "
            "rounds, bands 95 % intervals. Where a line bends up the path is at its limit; beyond it requests wait or are refused."
        ],
        plot=plots.latency_by_load(raw, limit),
    )


def _throughput(raw: Raw, limit: Limit | None) -> Section:
    return Section("Throughput", plot=plots.throughput(raw, limit))


def _distribution(raw: Raw) -> Section:
    said = "Of all requests of a run, from its quantiles; the mean of each quantile over the rounds."
    return Section("Distribution of the latency", [said], plot=plots.distribution(raw))


def _batches(raw: Raw) -> Iterator[Section]:
    title = "Batches that Triton made"
    if any(figures.batch_size(each) for each in raw.measured):
        said = "Inferences by executions in Triton's own metrics, before and after each run; the warm-up is in it."
        yield Section(title, [said], plot=plots.batches(raw))
    else:
        yield Section(title, ["Left out: Triton's metrics could not be reached from where the load came from."])


def _cpu(raw: Raw) -> Iterator[Section]:
    if any(each.cpu_s for each in raw.measured):
        said = "With as many clients as give the most answers a second; the warm-up is in it. k6 shares the machine's cores."
        yield Section("Processor time", [said], plot=plots.cpu(raw))
    else:
        yield Section("Processor time", ["Left out: the services could not be seen from where the load came from."])


def _single(raw: Raw) -> Iterator[Section]:
    """What stress, soak, spike and smoke came to: a row a run."""
    found = [each for each in raw.measured if each.run.profile not in ("latency", "capacity")]
    if found:
        head = [
            "run",
            "path",
            "round",
            "answered/s",
            "p50 ms",
            "p95 ms",
            "failed",
            "dropped",
            "p95 ms after",
            "MiB",
            "thresholds",
        ]
        rows = [
            [
                each.run.profile,
                each.run.path,
                str(each.round + 1),
                f"{each.run.answered_per_s:.0f}",
                f"{each.run.p50_ms:.1f}",
                f"{each.run.p95_ms:.1f}",
                str(each.run.failed),
                str(each.run.dropped),
                "-" if each.run.after_p95_ms is None else f"{each.run.after_p95_ms:.1f}",
                ", ".join(
                    f"{name} {mib:.0f}" for name, mib in each.memory_mib.items() if each.cpu_s.get(name, 0.0) > _IDLE_S
                )
                or "-",
                "kept" if not each.run.failed_thresholds else "broken: " + ", ".join(each.run.failed_thresholds),
            ]
            for each in found
        ]
        yield Section("Runs by profile", table=Table(head, rows, words=2))


def _runs(raw: Raw) -> Iterator[Section]:
    """Every step, so that no figure is only in a plot."""
    head = ["path", "load", "answered/s", "p50 ms", "p95 ms", "p99 ms", "failed", "dropped", "texts a batch"]
    rows = []
    for path in figures.paths(raw):
        groups = [
            ("{} clients", figures.closed(raw, path)),
            ("{} clients, fresh connections", figures.closed(raw, path, "fresh")),
            ("{}/s offered", figures.opened(raw, path)),
        ]
        for name, steps in groups:
            rows += [[path, name.format(f"{step.load:g}"), *_cells(step, raw.objective)] for step in steps]
    if rows:
        said = f"Raw data with each round: report.json. Bold: within the objective ({raw.objective})."
        yield Section("Every load", [said], Table(head, rows, words=2))


def _cells(step: figures.Step, objective: Objective) -> list[str]:
    p95 = _shown(step.of(figures.p95))
    batch = step.of(figures.batch_size).mean
    return [
        _shown(step.of(figures.per_s), 0),
        _shown(step.of(figures.p50)),
        f"**{p95}**" if all(objective.met(each.run) for each in step.rounds) else p95,
        _shown(step.of(figures.quantile("99"))),
        str(sum(each.run.failed for each in step.rounds)),
        str(sum(each.run.dropped for each in step.rounds)),
        f"{batch:.1f}" if batch else "-",
    ]


def _of(step: figures.Step | None, value: figures.Value) -> Interval | None:
    return None if step is None else step.of(value)


def _shown(found: Interval | None, digits: int = 1) -> str:
    """The mean and half the width of its interval."""
    if found is None:
        return "-"
    if found.low is None or found.high is None:
        return f"{found.mean:.{digits}f}"
    return f"{found.mean:.{digits}f} ± {(found.high - found.low) / 2:.{digits}f}"


def _ratio(found: Interval | None) -> str:
    """With the bounds of its interval, which lie at unlike distances from it."""
    if found is None:
        return "-"
    if found.low is None or found.high is None:
        return f"{found.mean:.2f}"
    return f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"
