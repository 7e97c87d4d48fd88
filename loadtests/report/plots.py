"""The plots, drawn by matplotlib: the same data give the same bytes."""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from loadtests.comparison import Raw
from loadtests.report import figures
from loadtests.report.figures import Step, Value
from loadtests.report.limit import Limit
from loadtests.report.palette import GENERATOR, LIGHT

_LIMIT = "raw ONNX Runtime, at most"
_MARKERS = {"fastapi-svc": "o", "fastapi-naive": "v", "triton": "s", "triton-grpc": "D", "gateway": "^"}
_QUANTILES = ("1", "5", "10", "25", "50", "75", "90", "95", "99", "99.9")
_STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": LIGHT["line"],
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.6,
    "axes.labelcolor": LIGHT["faint"],
    "xtick.color": LIGHT["faint"],
    "ytick.color": LIGHT["faint"],
    "text.color": LIGHT["ink"],
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
}


@dataclass
class Plot:
    """A plot by its name, with what a reader who does not see it should know."""

    name: str
    alt: str
    svg: str = ""


@contextmanager
def _drawn(plot: Plot, panels: int, *, height: float = 3.4) -> Iterator[Sequence[Axes]]:
    """Panels side by side with one legend above; `plot.svg` is set at the end."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": plot.name}):
        figure = Figure(figsize=(9.2, height), layout="constrained")
        axes = figure.subplots(1, panels, squeeze=False)[0]
        yield axes
        handles: dict[str, object] = {}
        for each in axes:
            handles |= dict(zip(*reversed(each.get_legend_handles_labels()), strict=True))
        if handles:
            columns = math.ceil(len(handles) / math.ceil(len(handles) / 6))
            figure.legend(list(handles.values()), list(handles), loc="outside upper left", ncols=columns)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        plot.svg = written.getvalue()


def _line(axes: Axes, path: str, steps: Sequence[Step], value: Value) -> None:
    """The means of the rounds with their confidence interval as a band, and each round's own figure as a faint point."""
    if not steps:
        return
    colour, loads = LIGHT[path], [step.load for step in steps]
    intervals = [step.of(value) for step in steps]
    axes.plot(loads, [each.mean for each in intervals], color=colour, marker=_MARKERS[path], markersize=4, label=path)
    points = [(step.load, value(each)) for step in steps for each in step.rounds]
    axes.plot(*zip(*points, strict=True), color=colour, marker=".", markersize=3, linestyle="none", alpha=0.5)
    # A logarithmic scale has no place for a bound below zero, which few rounds may well give: there the band ends at a point.
    lows = [
        max(each.low or 0.0, min(value(one) for one in step.rounds))
        for each, step in zip(intervals, steps, strict=True)
    ]
    highs = [each.mean if each.high is None else each.high for each in intervals]
    axes.fill_between(loads, lows, highs, color=colour, alpha=0.12, linewidth=0)


def latency_by_load(raw: Raw, limit: Limit | None) -> Plot:
    """p50 and p95 against the offered rate, with the objective and what raw ONNX Runtime can at most."""
    plot = Plot("latency-by-load", "Latency, p50 and p95, against the requests offered a second, for each path.")
    with _drawn(plot, 2, height=3.9) as panels:
        for axes, name, value in zip(panels, ("p50", "p95"), (figures.p50, figures.p95), strict=True):
            for path in figures.paths(raw):
                _line(axes, path, figures.opened(raw, path), value)
            if limit:
                axes.axvline(limit.per_s, color=LIGHT["ink"], linestyle="--", linewidth=1, label=_LIMIT)
            _scales(axes, f"{name}, ms", "requests offered a second", logarithmic="y")
        panels[1].axhline(raw.objective.p95_ms, color=LIGHT["faint"], linestyle=":", linewidth=1.2, label="objective")
        if limit:
            panels[0].axhline(limit.p50_ms, color=LIGHT["ink"], linestyle="--", linewidth=1)
    return plot


def distribution(raw: Raw) -> Plot:
    """How many requests were answered within how long: of one client, and of the most."""
    plot = Plot("distribution", "Share of the requests against the latency that they kept under, for each path.")
    most = max((step.load for path in figures.paths(raw) for step in figures.closed(raw, path)), default=1.0)
    loads = (1.0, most) if most > 1 else (1.0,)
    with _drawn(plot, len(loads)) as panels:
        for axes, load in zip(panels, loads, strict=True):
            for path in figures.paths(raw):
                for step in figures.closed(raw, path):
                    if step.load == load:
                        times = [step.of(figures.quantile(each)).mean for each in _QUANTILES]
                        axes.plot(times, [float(each) for each in _QUANTILES], color=LIGHT[path], label=path)
            title = f"per cent of the requests, {load:g} client{'s' if load > 1 else ''}"
            _scales(axes, title, "answered within, ms", logarithmic="x")
            axes.set_ylim(0, 100)
    return plot


def throughput(raw: Raw, limit: Limit | None) -> Plot:
    """Answers a second, by clients and by what was offered."""
    plot = Plot("throughput", "Requests answered a second against the clients, and against the requests offered.")
    with _drawn(plot, 2) as panels:
        for path in figures.paths(raw):
            _line(panels[0], path, figures.closed(raw, path), figures.per_s)
            _line(panels[1], path, figures.opened(raw, path), figures.per_s)
        for axes in panels:
            if limit:
                axes.axhline(limit.per_s, color=LIGHT["ink"], linestyle="--", linewidth=1, label=_LIMIT)
        _scales(panels[0], "answered a second", "clients, each asking when it has its answer")
        _clients(panels[0], raw)
        _scales(panels[1], "answered a second", "offered a second")
    return plot


def batches(raw: Raw) -> Plot:
    """How many texts Triton put into a batch."""
    plot = Plot("batches", "Texts in a batch of Triton's on average, against the clients and the requests offered.")
    with _drawn(plot, 2) as panels:
        for path in figures.paths(raw):
            for axes, steps in zip(panels, (figures.closed(raw, path), figures.opened(raw, path)), strict=True):
                batched = [step for step in steps if all(figures.batch_size(each) for each in step.rounds)]
                _line(axes, path, batched, figures.batch_size)
        _scales(panels[0], "texts in a batch", "clients, each asking when it has its answer")
        _clients(panels[0], raw)
        _scales(panels[1], "texts in a batch", "offered a second")
    return plot


def cpu(raw: Raw) -> Plot:
    """What a request took of each service where the path answers most."""
    plot = Plot("cpu", "Milliseconds of processor time a request, by service, for each path under its highest load.")
    steps = {path: step for path in figures.paths(raw) if (step := figures.busiest(raw, path))}
    services = [
        *dict.fromkeys(name for step in steps.values() for each in step.rounds for name in each.cpu_s),
        GENERATOR,
    ]
    with _drawn(plot, 1, height=0.9 + 0.42 * len(steps)) as (axes,):
        left = dict.fromkeys(steps, 0.0)
        for service in services:
            used = partial(figures.cpu_ms, service=service)
            widths = {path: step.of(used).mean for path, step in steps.items()}
            label = "k6 (the load generator)" if service == GENERATOR else service
            axes.barh(
                list(steps),
                list(widths.values()),
                left=list(left.values()),
                color=LIGHT[service],
                label=label,
                height=0.6,
            )
            left = {path: left[path] + width for path, width in widths.items()}
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set(xlabel="milliseconds of processor time a request")
    return plot


def _scales(axes: Axes, title: str, label: str, *, logarithmic: str = "") -> None:
    axes.set(title=title, xlabel=label)
    # To the lines and points: a band over two rounds may be many times as high.
    heights = [float(y) for line in axes.get_lines() for y in line.get_ydata() if y > 0] or [1.0]
    if logarithmic == "y":
        axes.set_yscale("log")
        axes.set_ylim(min(heights) / 1.3, max(heights) * 1.3)
    else:
        axes.set_ylim(0, max(heights) * 1.08)
    if logarithmic == "x":
        axes.set_xscale("log")
    for axis in (axes.yaxis if logarithmic == "y" else axes.xaxis,) if logarithmic else ():
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def _clients(axes: Axes, raw: Raw) -> None:
    """A tick at each number of clients, of which each is a multiple of the last."""
    numbers = sorted({step.load for path in figures.paths(raw) for step in figures.closed(raw, path)})
    axes.set_xscale("log", base=2)
    axes.set_xticks(numbers, [f"{number:g}" for number in numbers])
    axes.xaxis.set_minor_formatter(NullFormatter())
