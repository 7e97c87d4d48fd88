"""Raw data as a comparison writes it, without one."""

from dataclasses import replace

from loadtests.capacity import Objective
from loadtests.comparison import CLIENTS, STEPS, Measured, Raw
from loadtests.measure import Run
from loadtests.targets import Batches

RUN = Run(
    path="fastapi-svc",
    profile="latency",
    connection="kept",
    clients=1,
    offered_per_s=None,
    seconds=6,
    requests=600,
    requests_with_warmup=800,
    answered_per_s=100,
    failed=0,
    wrong=0,
    dropped=0,
    mean_ms=10,
    min_ms=5,
    max_ms=40,
    quantiles_ms={},
    after_p95_ms=None,
    failed_thresholds=[],
)
_SPREAD = {"1": 0.5, "5": 0.6, "10": 0.7, "25": 0.8, "50": 1, "75": 1.3, "90": 1.6, "95": 2, "99": 3, "99.9": 5}
_SPEEDS = {"fastapi-svc": 220.0, "fastapi-naive": 120.0, "triton": 200.0, "triton-grpc": 210.0, "gateway": 140.0}


def latency(path: str, *, clients: int, median_ms: float, turn: int = 0, connection: str = "kept") -> Measured:
    """A closed loop."""
    per_s = min(1000 * clients / median_ms, _SPEEDS[path] * (1 + 0.02 * turn))
    run = replace(RUN, path=path, clients=clients, connection=connection, answered_per_s=per_s)
    return _measured(turn, run, median_ms)


def step(path: str, *, offered_per_s: float, median_ms: float, turn: int = 0, dropped: int = 0) -> Measured:
    """One step of an open loop."""
    answered = min(offered_per_s, _SPEEDS[path])
    run = replace(RUN, path=path, profile="capacity", clients=None, offered_per_s=offered_per_s, dropped=dropped)
    return _measured(turn, replace(run, answered_per_s=answered), median_ms)


def whole(rounds: int = 3) -> Raw:
    """All five paths under every load, as if each were a queue."""
    raw = empty()
    for turn in range(rounds):
        for path, speed in _SPEEDS.items():
            alone = 2000 / speed * (1 + 0.05 * turn)
            for clients in CLIENTS:
                raw.measured.append(latency(path, clients=clients, median_ms=alone + 900 * clients / speed, turn=turn))
            if path != "triton-grpc":
                raw.measured.append(latency(path, clients=1, median_ms=alone + 2, turn=turn, connection="fresh"))
            for share in STEPS:
                median, over = alone / max(0.05, 1 - share), share > 1
                raw.measured.append(
                    step(path, offered_per_s=share * speed, median_ms=median, turn=turn, dropped=9 * over)
                )
    return raw


def empty() -> Raw:
    """Of which nothing was measured yet."""
    return Raw(
        time="2026-01-02T03:04:05+00:00",
        command="python -m loadtests.compare --processes",
        target="processes on one machine",
        machine={"cpu": "a processor", "cores": 2, "memory_gib": 24, "load_before": 0.1},
        objective=Objective(p95_ms=50),
        texts={"count": 512, "median_words": 42, "p90_words": 123, "most_words": 177},
    )


def _measured(turn: int, run: Run, median_ms: float) -> Measured:
    quantiles = {percent: factor * median_ms for percent, factor in _SPREAD.items()}
    through_triton = run.path in ("triton", "triton-grpc", "gateway")
    service = "triton" if run.path == "triton-grpc" else run.path
    cpu_s = {service: 4.0, **({"triton": 3.0} if through_triton else {})}
    return Measured(
        round=turn,
        run=replace(run, quantiles_ms=quantiles, mean_ms=1.1 * median_ms, generator_cpu_s=0.5),
        cpu_s=cpu_s,
        memory_mib={service: 200.0},
        batches=Batches(800, 800 / min(32, 1 + run.answered_per_s / 20)) if through_triton else None,
    )
