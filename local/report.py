"""The compliance report of a stack, from what was last seen of it.

Of `local`, that is the record of the last `make up`. Of `dev` and `prod` it is the last preview, or the state that they
had when Checkov looked at them applied to an emulated account, whichever is newer: there no value is unknown any more.
"""

from pathlib import Path

from local import preview
from local.errors import LocalError
from local.paths import REPO, STATE
from local.stack import NAME, POLICY_RESULTS
from policies.analyze.__main__ import main as analyze
from policies.report.__main__ import main as write_report


def write(stack: str) -> int:
    """Write reports/<stack>/; the exit status is the report's: 1 where a mandatory rule is violated.

    Raises LocalError where nothing was recorded yet.
    """
    if stack == NAME:
        return _write(stack, _existing(STATE / POLICY_RESULTS, "make up"), "--applied")
    from policies.checkov.emulated import kept_state  # imports moto, which takes seconds

    state, previewed = kept_state(stack), preview.results(stack)
    if _written(state) > _written(previewed):
        return _of_state(stack, state)
    hint = f"make preview STACK={stack}` or, for what a preview cannot see, `make checkov STACK={stack}"
    emulated = ["--emulated-aws"] if preview.emulated(stack) else []
    return _write(stack, _existing(previewed, hint), *emulated)


def _of_state(stack: str, state: Path) -> int:
    """Judge the state first; what makes it unusable makes the report so, too."""
    results = state.with_name("policy-results.jsonl")
    places = ["--state", str(state), "--results", str(results), "--project", str(state.with_name("project"))]
    if analyze([*places, "--stack", stack]) == 2:
        return 2
    return _write(stack, results, "--applied", "--emulated-aws")


def _write(stack: str, results: Path, *options: str) -> int:
    output = REPO / "reports" / stack
    return write_report(["--results", str(results), "--stack", stack, "--output", str(output), *options])


def _existing(results: Path, command: str) -> Path:
    if not results.exists():
        raise LocalError(f"Nothing was recorded of this stack yet: run `{command}` first.")
    return results


def _written(file: Path) -> float:
    """When it was written; long ago where it is not there."""
    return file.stat().st_mtime if file.exists() else 0.0
