"""Judges the state of a stack with the policy pack, and records the outcomes as the engine's runs do.

Exit status: 0 nothing is violated or unknown, 1 something is, 2 the input cannot be used.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from policies.analyze.judge import stack_for
from policies.analyze.state import State, read_state
from policies.errors import PolicyError
from policies.outcomes import Outcome
from policies.pack import Pack
from policies.record import Mode, Recorder
from policies.rules import RULES
from policies.waivers import load_waivers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m policies.analyze", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--state", type=Path, required=True, help="what `pulumi stack export` wrote, or a checkpoint")
    parser.add_argument("--results", type=Path, required=True, help="where to record the outcomes")
    parser.add_argument("--stack", help="the name that the stack must have")
    parser.add_argument("--project", type=Path, default=Path(), help="folder of Pulumi.yaml, for source lines")
    options = parser.parse_args(arguments)
    try:
        outcomes = analyze(read_state(options.state, stack=options.stack, project=options.project), options.results)
    except PolicyError as error:
        sys.stderr.write(f"policies.analyze: {error}\n")
        return 2
    sys.stdout.write(", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome]) + "\n")
    return 1 if outcomes[Outcome.VIOLATION] or outcomes[Outcome.UNKNOWN] else 0


def analyze(state: State, results: Path) -> Counter[Outcome]:
    """Judge and record; the file is there only when everything was judged. Returns how many came to which outcome."""
    partial = results.with_name(f"{results.name}.partial")
    outcomes: Counter[Outcome] = Counter()
    try:
        with closing(Recorder(partial)) as recorder:
            pack = Pack(RULES, load_waivers(), recorder, state.sources)
            pack.begin(mode=Mode.STATE, stack=state.stack, enforcement={})
            for rule in pack.rules:
                stack = stack_for(rule, state)
                outcomes.update(pack.decide(rule, resource, stack)[0].outcome for resource in stack.typed(*rule.types))
            pack.leave_out(pack.rules, state.finished)
        partial.replace(results)
    except OSError as error:
        raise PolicyError(f"The results file {results} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
