import pytest

from tests.services.gateway.harness import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()
