"""The cap on what the model is given to read."""

import pytest

from services.gateway.limits.tokens import check
from services.http.problems import ProblemError


def test_texts_together_are_capped() -> None:
    """Up to the cap, and no character more."""
    check(["ab", "cd"], most=4)
    with pytest.raises(ProblemError) as refusal:
        check(["ab", "cde"], most=4)
    assert (refusal.value.problem.status, refusal.value.problem.name) == (413, "too_many_tokens")
