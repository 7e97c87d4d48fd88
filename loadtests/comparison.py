"""Measures every path of a target in turn, round by round, and keeps all that was measured."""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from loadtests.capacity import Objective
from loadtests.measure import Load, LoadTestError, Run, measure
from loadtests.targets import Batches, Target

Say = Callable[[str], None]
Measure = Callable[[str, Load, Mapping[str, str]], Run]
CLIENTS = (1, 4, 16, 64)
STEPS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1)
"""Of what so many closed clients get answered a second."""
SATURATING = 32
_SHARES = {"soak": 0.7, "stress": 0.6, "spike": 0.3}
"""At which rate these begin or stay: stress goes to twice that, spike to five times."""
_TEXTS = Path(__file__).parent / "data/texts.json"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run of one round with what it cost: by service, processor seconds and then MiB; Triton's batches meanwhile."""

    round: int
    run: Run
    cpu_s: Mapping[str, float]
    memory_mib: Mapping[str, float]
    batches: Batches | None


@dataclass(kw_only=True)
class Raw:
    """All that was measured, and what was needed to measure it again."""

    time: str
    command: str
    target: str
    machine: Mapping[str, Any]
    objective: Objective
    texts: Mapping[str, float]
    measured: list[Measured] = field(default_factory=list)

    def to_json(self) -> str:
        """What `from_json` reads."""
        head = {"format": "loadtest/1", **asdict(self)}
        rows = ",\n".join(map(json.dumps, head.pop("measured")))  # a line a run, so that differences can be read
        return f'{json.dumps(head)[:-1]}, "measured": [\n{rows}\n]}}\n'

    @classmethod
    def from_json(cls, text: str) -> "Raw":
        """Raises LoadTestError for anything but a file of a comparison."""
        try:
            given = json.loads(text)
            if given.pop("format") != "loadtest/1":
                raise ValueError
            measured = [
                Measured(**{**row, "run": Run(**row["run"]), "batches": row["batches"] and Batches(**row["batches"])})
                for row in given.pop("measured")
            ]
            return cls(**{**given, "objective": Objective(**given["objective"]), "measured": measured})
        except (ValueError, KeyError, TypeError, AttributeError):
            raise LoadTestError(
                "This is no raw data of a load test: give a report.json that one has written."
            ) from None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to measure: `profile` is one of lib/profiles.js or `compare`, which is latency and capacity. `rate`: requests a
    second for soak, stress and spike; None for a share of what each path can. `seconds`: of each run; None for the profile's.
    """

    profile: str
    rounds: int
    objective: Objective
    rate: float | None = None
    seconds: float | None = None
    paths: Sequence[str] | None = None

    def loads(self, path: str, saturation: Callable[[], float]) -> list[Load]:
        """In the order in which to measure them."""
        timed: dict[str, Any] = {"seconds": self.seconds, "p95_ms": self.objective.p95_ms}
        latency = [Load(profile="latency", clients=clients, **timed) for clients in CLIENTS]
        if path != "triton-grpc":
            latency.append(Load(profile="latency", clients=1, connection="fresh", **timed))
        match self.profile:
            case "smoke":
                return [Load(profile="smoke", seconds=self.seconds)]
            case "latency":
                return latency
            case "capacity" | "compare":
                most = saturation()
                steps = [Load(profile="capacity", rate=_rounded(step * most), **timed) for step in STEPS]
                return steps if self.profile == "capacity" else latency + steps
            case _:
                rate = self.rate or _rounded(_SHARES[self.profile] * saturation())
                return [Load(profile=self.profile, rate=rate, **timed)]


def compare(plan: Plan, target: Target, raw: Raw, *, say: Say, run: Measure | None = None) -> None:
    """Measure into `raw`, every load of every path once a round and the paths in turn, so that none is always first.

    Raises LoadTestError for a wrong answer under any load, and for a smoke test that breaks a threshold.
    """
    run = run or (lambda path, load, environment: measure(path, load, environment=environment))
    paths = list(plan.paths or target.paths)
    loads = {path: plan.loads(path, partial(_saturation, path, target, run, say)) for path in paths}
    total = plan.rounds * sum(map(len, loads.values()))
    for turn in range(plan.rounds):
        for index in range(max(map(len, loads.values()))):
            first = (turn + index) % len(paths)
            for path in paths[first:] + paths[:first]:
                if index < len(loads[path]):
                    raw.measured.append(_one(turn, path, loads[path][index], target, run))
                    say(f"{len(raw.measured)}/{total} {_told(raw.measured[-1].run)}")


def _one(turn: int, path: str, load: Load, target: Target, run: Measure) -> Measured:
    used, made = target.use(), target.batches()
    done = run(path, load, target.environment(path))
    now, made_now = target.use(), target.batches()
    if load.profile == "smoke":
        done.demand()
    cpu_s = {name: round(now.cpu_s[name] - before, 3) for name, before in used.cpu_s.items() if name in now.cpu_s}
    batches = made_now.since(made) if made_now and made else None
    memory = {name: round(mib, 1) for name, mib in now.memory_mib.items()}
    return Measured(round=turn, run=done, cpu_s=cpu_s, memory_mib=memory, batches=batches)


def _saturation(path: str, target: Target, run: Measure, say: Say) -> float:
    load = Load(profile="latency", clients=SATURATING, seconds=5)
    found = run(path, load, target.environment(path)).demand_answers().answered_per_s
    say(f"{path}: {found:.0f}/s with {SATURATING} clients")
    return found


def _rounded(rate: float) -> float:
    return max(1.0, float(f"{rate:.3g}"))


def _told(run: Run) -> str:
    load = f"{run.clients} clients" if run.clients else f"{run.offered_per_s:g}/s offered"
    return f"{run.path}: {run.profile}, {load}, {run.connection}: {run.answered_per_s:.0f}/s, p95 {run.p95_ms:.1f} ms"


def machine() -> dict[str, Any]:
    """What the load generator runs on, and with `processes` or the local stack everything else."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = round(os.getloadavg()[0], 2)
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory), "load_before": load}


def texts() -> dict[str, float]:
    """What the texts are like: how many, and their words."""
    words = sorted(len(text.split()) for text in json.loads(_TEXTS.read_text()))
    at = {"median_words": len(words) // 2, "p90_words": len(words) * 9 // 10, "most_words": -1}
    return {"count": len(words), **{name: words[index] for name, index in at.items()}}
