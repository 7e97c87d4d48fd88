"""The compliance report of a stack, from what the policy pack recorded when it was last applied or previewed."""

from local import preview
from local.errors import LocalError
from local.paths import REPO, STATE
from local.stack import NAME, POLICY_RESULTS
from policies.report.__main__ import main as write_report


def write(stack: str) -> int:
    """Write reports/<stack>/; the exit status is the report's: 1 where a mandatory rule is violated.

    Raises LocalError where nothing was recorded yet.
    """
    results = STATE / POLICY_RESULTS if stack == NAME else preview.results(stack)
    if not results.exists():
        command = "make up" if stack == NAME else f"make preview STACK={stack}"
        raise LocalError(f"Nothing was recorded of the stack {stack} yet: run `{command}` first.")
    applied = ["--applied"] if stack == NAME else []
    emulated = ["--emulated-aws"] if stack == NAME or preview.emulated(stack) else []
    return write_report(
        ["--results", str(results), "--stack", stack, "--output", str(REPO / "reports" / stack), *applied, *emulated]
    )
