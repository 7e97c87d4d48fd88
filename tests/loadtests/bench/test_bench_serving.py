"""Rounds of all paths, without the paths."""

import asyncio
from pathlib import Path

import pytest

from loadtests import bench_serving
from loadtests.bench.paths import Setting
from loadtests.bench.serving_figures import RAW
from loadtests.bench.serving_run import Figures, Load
from loadtests.measure import LoadTestError

FIGURES = Figures(one_client_s=[0.1], many_s=[], requests=1, per_s=1.0, server_cpu_s=0.1, caller_cpu_s=0.0, resident=1)
SETTING = Setting(model=Path("model"), threads=1, folder=Path("folder"))
Found = tuple[dict[str, list[Figures]], list[str]]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Load]]:
    """What is measured, in order; the path `once` fails the first time, and `always` every time."""
    order: list[tuple[str, Load]] = []

    async def measure(name: str, _make: object, _setting: Setting, load: Load, _cores: object) -> Figures:
        order.append((name, load))
        if name == "once" and [each for each, _ in order].count(name) == 1:
            raise LoadTestError("It broke.")
        if name == "always":
            raise LoadTestError("It broke.")
        return FIGURES

    def measure_raw(_setting: Setting, load: Load, _cores: object) -> Figures:
        order.append((RAW, load))
        return FIGURES

    monkeypatch.setattr(bench_serving, "measure", measure)
    monkeypatch.setattr(bench_serving, "measure_raw", measure_raw)
    monkeypatch.setattr(bench_serving, "halves", lambda: ([1], [0]))
    monkeypatch.setattr(bench_serving, "pin", lambda cores: None)
    monkeypatch.setattr(bench_serving, "PATHS", dict.fromkeys(["a", "b", "once", "always"]))
    return order


def compare(*paths: str, rounds: int) -> Found:
    return asyncio.run(bench_serving.compare(paths, SETTING, rounds=rounds, one=3, passes=1, clients=4))


def test_another_path_comes_first_in_each_round(measured: list[tuple[str, Load]]) -> None:
    """So that none always has the machine at its quietest."""
    found, failed = compare("a", "b", rounds=3)
    assert [name for name, _ in measured] == [RAW, "a", "b", "a", "b", RAW, "b", RAW, "a"]
    assert {name: len(rounds) for name, rounds in found.items()} == {RAW: 3, "a": 3, "b": 3}
    assert failed == []


def test_all_paths_of_a_round_are_asked_the_same(measured: list[tuple[str, Load]]) -> None:
    """One client asks other texts in each round; many ask all of them."""
    compare("a", "b", rounds=2)
    loads = [load for _, load in measured]
    assert loads[0] == loads[1] == loads[2] != loads[3] == loads[4] == loads[5]
    assert all(len(load.one) == 3 and len(load.many) == len(bench_serving.TEXTS) for load in loads)


def test_a_failure_is_shown_and_the_round_is_repeated(measured: list[tuple[str, Load]]) -> None:
    """One server that breaks does not end a run of many minutes."""
    found, failed = compare("once", rounds=1)
    assert (len(found["once"]), failed) == (1, ["once: It broke."])


def test_two_failures_in_a_round_end_the_run(measured: list[tuple[str, Load]]) -> None:
    """Then there is nothing to compare."""
    with pytest.raises(LoadTestError, match="It broke"):
        compare("always", rounds=1)
