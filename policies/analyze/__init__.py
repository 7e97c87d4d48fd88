"""Judging a stack in this process, without an engine: `python -m policies.analyze --state FILE --results FILE`."""

from policies.analyze.judge import Traced, judge
from policies.analyze.state import State, read_state, state_of

__all__ = ["State", "Traced", "judge", "read_state", "state_of"]
