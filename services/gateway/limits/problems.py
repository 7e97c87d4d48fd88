"""What a caller is told where Triton gave no answer."""

import math
from dataclasses import replace

from services.gateway.problems import MODEL_UNAVAILABLE, OVERLOADED
from services.gateway.triton_client import TritonCircuitOpen, TritonError, TritonOverloaded
from services.http.problems import Problem


def problem_of(error: TritonError) -> Problem:
    """The problem, 503, with the seconds after which it is worth asking again."""
    if isinstance(error, TritonOverloaded):
        return _after(OVERLOADED, error.retry_after_s)
    if isinstance(error, TritonCircuitOpen):
        return _after(MODEL_UNAVAILABLE, error.retry_after_s)
    return MODEL_UNAVAILABLE


def _after(problem: Problem, seconds: float) -> Problem:
    return replace(problem, headers={**problem.headers, "Retry-After": str(max(1, math.ceil(seconds)))})
