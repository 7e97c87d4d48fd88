"""What is made of the raw data: for each path the rounds of one load, and intervals over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtests.capacity import knee
from loadtests.comparison import Measured, Raw
from loadtests.intervals import Interval, interval, ratio
from loadtests.measure import SCRIPTS
from loadtests.report.palette import GENERATOR

REFERENCE = "fastapi-svc"
Value = Callable[[Measured], float]


@dataclass(frozen=True)
class Step:
    """One load of one path: its offered rate or its clients, and every round of it, in order."""

    load: float
    rounds: Sequence[Measured]

    def of(self, value: Value) -> Interval:
        """The interval of a figure."""
        return interval([value(each) for each in self.rounds])


def paths(raw: Raw) -> list[str]:
    """That were measured, in the order of reports."""
    found = {each.run.path for each in raw.measured}
    return [path for path in SCRIPTS if path in found]


def closed(raw: Raw, path: str, connection: str = "kept") -> list[Step]:
    """By clients."""
    return _steps(raw, path, "latency", connection)


def opened(raw: Raw, path: str) -> list[Step]:
    """By offered rate."""
    return _steps(raw, path, "capacity", "kept")


def one_client(raw: Raw, path: str, connection: str = "kept") -> Step | None:
    """The rounds of one client after the other's answer."""
    return next((step for step in closed(raw, path, connection) if step.load == 1), None)


def busiest(raw: Raw, path: str) -> Step | None:
    """The step of the closed loop with the most answers a second."""
    return max(closed(raw, path), key=lambda step: step.of(per_s).mean, default=None)


def knees(raw: Raw, path: str) -> Interval | None:
    """The knee of each round."""
    rounds = {each.round for step in opened(raw, path) for each in step.rounds}
    found = [
        knee([each.run for step in opened(raw, path) for each in step.rounds if each.round == turn], raw.objective)
        for turn in sorted(rounds)
    ]
    return interval(found) if found else None


def to_reference(raw: Raw, path: str, select: Callable[[Raw, str], Step | None], value: Value) -> Interval | None:
    """The ratio of a figure to the reference's of the same round; None where either lacks a round or an answer in it."""
    own, reference = (
        [] if step is None else [value(each) for each in step.rounds]
        for step in (select(raw, path), select(raw, REFERENCE))
    )
    if len(own) != len(reference) or not all([*own, *reference]) or not own:
        return None
    return ratio(own, reference)


def per_s(measured: Measured) -> float:
    """Right answers a second."""
    return measured.run.answered_per_s


def quantile(percent: str) -> Value:
    """The latency in milliseconds that so many per cent of the requests kept under."""
    return lambda measured: measured.run.quantiles_ms[percent]


p50, p95 = quantile("50"), quantile("95")


def batch_size(measured: Measured) -> float:
    """Texts in a batch of Triton's on average; 0 where it made none."""
    made = measured.batches
    return made.inferences / made.executions if made and made.executions else 0.0


def cpu_ms(measured: Measured, service: str) -> float:
    """Milliseconds of processor time that a request took of a service; the load generator is one too."""
    used = measured.run.generator_cpu_s if service == GENERATOR else measured.cpu_s.get(service, 0.0)
    return 1000 * used / max(1, measured.run.requests_with_warmup)


def _steps(raw: Raw, path: str, profile: str, connection: str) -> list[Step]:
    found: dict[float, list[Measured]] = {}
    for each in raw.measured:
        run = each.run
        if (run.path, run.profile, run.connection) == (path, profile, connection):
            found.setdefault(run.clients or run.offered_per_s or 0.0, []).append(each)
    return [Step(load, sorted(rounds, key=lambda each: each.round)) for load, rounds in sorted(found.items())]
