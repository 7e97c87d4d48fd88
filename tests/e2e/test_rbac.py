"""Who may do what, put to the real API server: every cell of tests/infra/workloads/rbac_matrix.yaml."""

import pytest

from tests.e2e.api import Api
from tests.infra.workloads.rbac_matrix import questions

pytestmark = pytest.mark.e2e

GROUPS = ("viewer", "operator", "auditor", "deployer", "nobody")


@pytest.mark.parametrize("column", GROUPS)
def test_the_members_of_a_group_may_do_what_the_matrix_says_and_nothing_else(column: str, api: Api) -> None:
    """By SubjectAccessReview, in every namespace."""
    asked = [question for question in questions() if question.column == column]
    assert asked
    wrong = [str(question) for question in asked if api.may(question.review) != question.allowed]
    assert not wrong
