"""What is measured, in which order, and what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from loadtests.capacity import Objective
from loadtests.comparison import CLIENTS, STEPS, Plan, Raw, compare
from loadtests.measure import Load, LoadTestError, Run
from loadtests.targets import NOTHING, Batches, Use
from tests.loadtests.examples import RUN, empty, whole

OBJECTIVE = Objective(p95_ms=50)


class Imagined:
    """Three paths; each run costs Triton a second, and two batches of three texts."""

    name = "nothing"
    paths: Sequence[str] = ("fastapi-svc", "triton", "gateway")

    def __init__(self) -> None:
        self.runs = 0

    def environment(self, path: str) -> Mapping[str, str]:
        return {"FOR": path}

    def use(self) -> Use:
        return Use({"triton": 10.0 + self.runs}, {"triton": 100.0})

    def batches(self) -> Batches | None:
        return Batches(6.0 * self.runs, 2.0 * self.runs)


class Blind(Imagined):
    """Cannot be seen."""

    def use(self) -> Use:
        return NOTHING

    def batches(self) -> Batches | None:
        return None


def measured(plan: Plan, target: Imagined, quantiles: Mapping[str, float] | None = None) -> tuple[Raw, list[Load]]:
    """With what the scripts were told, saturation included."""
    raw, loads = empty(), []

    def run(path: str, load: Load, environment: Mapping[str, str]) -> Run:
        assert environment == {"FOR": path}
        loads.append(load)
        target.runs += 1
        return replace(RUN, path=path, profile=load.profile, quantiles_ms={"50": 1.0, "95": 2.0, **(quantiles or {})})

    compare(plan, target, raw, say=lambda _: None, run=run)
    return raw, loads


def test_every_load_is_put_on_every_path_once_a_round_and_none_is_always_first() -> None:
    """The order turns, so that what a machine does over time does not favour one path."""
    raw, _ = measured(Plan(profile="latency", rounds=3, objective=OBJECTIVE), Imagined())
    assert len(raw.measured) == 3 * 3 * (len(CLIENTS) + 1)
    first_of_each = [each.run.path for each in raw.measured[::3]]
    assert {first_of_each.count(path) for path in Imagined.paths} == {len(CLIENTS) + 1}
    assert [each.round for each in raw.measured] == sorted(each.round for each in raw.measured)


def test_the_comparison_has_one_to_many_clients_both_kinds_of_connection_and_steps_to_the_knee() -> None:
    """Steps are shares of what closed clients get answered, which is measured first."""
    _, loads = measured(Plan(profile="compare", rounds=1, objective=OBJECTIVE, paths=["triton"]), Imagined())
    saturation, *others = loads
    assert saturation.clients is not None
    closed = [load for load in others if load.profile == "latency"]
    assert [load.clients for load in closed] == [*CLIENTS, 1]
    assert [load.connection for load in closed] == ["kept"] * len(CLIENTS) + ["fresh"]
    assert [load.rate for load in others if load.profile == "capacity"] == pytest.approx([100 * s for s in STEPS])
    assert {load.p95_ms for load in others} == {50}


@pytest.mark.parametrize("profile", ["soak", "stress", "spike"])
def test_a_rate_can_be_given(profile: str) -> None:
    """Else it is a share of what the path can."""
    _, given = measured(Plan(profile=profile, rounds=1, objective=OBJECTIVE, rate=12, paths=["triton"]), Imagined())
    assert [load.rate for load in given] == [12]
    _, (_, load) = measured(Plan(profile=profile, rounds=1, objective=OBJECTIVE, paths=["triton"]), Imagined())
    assert load.rate is not None
    assert 0 < load.rate < 100


def test_what_a_run_cost_is_the_difference_that_it_made() -> None:
    """Processor time and batches are counted before and after."""
    raw, _ = measured(Plan(profile="smoke", rounds=2, objective=OBJECTIVE), Imagined())
    assert [each.cpu_s for each in raw.measured] == [{"triton": 1.0}] * 6
    assert [each.batches for each in raw.measured] == [Batches(6, 2)] * 6


def test_what_cannot_be_seen_is_left_out() -> None:
    """A cluster elsewhere is measured all the same."""
    raw, _ = measured(Plan(profile="smoke", rounds=1, objective=OBJECTIVE), Blind())
    assert [(each.cpu_s, each.batches) for each in raw.measured] == [({}, None)] * 3


def test_raw_data_is_read_as_it_was_written() -> None:
    """So the report can be made anywhere."""
    raw = whole(rounds=2)
    assert Raw.from_json(raw.to_json()) == raw


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', '{"format": "loadtest/1", "measured": []}'])
def test_refuses_what_is_no_raw_data(text: str) -> None:
    """One sentence."""
    with pytest.raises(LoadTestError, match=r"^This is no raw data of a load test"):
        Raw.from_json(text)
