"""What the limits tell Prometheus."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.gateway.auth.principal import Principal
from services.gateway.limits.admission import Limits
from services.gateway.limits.aimd import START
from services.gateway.limits.breaker import MIN_CALLS, Breaker
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.metrics import LimitsCollector, TritonCollector
from services.gateway.limits.quota import Quota
from services.gateway.limits.replicas import Replicas
from services.gateway.limits.shedding import Shedding
from services.http.problems import ProblemError
from tests.services.gateway.harness import FakeTriton, StandingClock


def test_limits_are_told(clock: StandingClock) -> None:
    """Refusals by limit, callers and gateways; no caller's name."""
    limits = Limits(Quota(6, 192, 1), replicas=Replicas(None, most=1, clock=clock), clock=clock)
    registry = CollectorRegistry()
    registry.register(LimitsCollector(limits))

    async def ask() -> None:
        async with limits.admit(Principal("Mary", frozenset())):
            pass

    asyncio.run(ask())
    with pytest.raises(ProblemError):
        asyncio.run(ask())
    told = generate_latest(registry).decode()
    assert 'gateway_caller_limit_refusals_total{limit="requests"} 1.0' in told
    assert 'gateway_caller_limit_refusals_total{limit="concurrent"} 0.0' in told
    assert "gateway_limited_callers 1.0" in told
    assert "gateway_replicas 1.0" in told
    assert "Mary" not in told


def test_the_way_to_triton_is_told(clock: StandingClock) -> None:
    """State of the breaker, openings, refusals, and texts under way."""
    breaker, shedding = Breaker(clock=clock), Shedding(clock=clock)
    registry = CollectorRegistry()
    registry.register(TritonCollector(GuardedTriton(FakeTriton(), breaker=breaker, shedding=shedding, clock=clock)))
    for _ in range(MIN_CALLS):
        breaker.call().failed()
    asyncio.run(shedding.enter(3, clock.seconds + 1))
    told = generate_latest(registry).decode()
    assert 'gateway_triton_breaker_state{state="open"} 1.0' in told
    assert 'gateway_triton_breaker_state{state="closed"} 0.0' in told
    assert "gateway_triton_breaker_openings_total 1.0" in told
    assert "gateway_shed_total 0.0" in told
    assert 'gateway_triton_texts{where="asked"} 3.0' in told
    assert f"gateway_triton_texts_limit {START}.0" in told
