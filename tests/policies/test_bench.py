"""The work for a resource does not grow with the stack, and the benchmark reports what it measured."""

import json

import pytest

from policies.analyze import judge
from policies.bench.__main__ import report
from policies.bench.measure import in_turns
from policies.bench.stacks import request_of, stack_of
from policies.requests import stack_of as stack_of_request
from policies.rules import reads


def _looked_at(size: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """How many properties all rules together look at, for each resource of a stack of this size."""
    looked = 0
    read = reads._View._read

    def counting(self: reads._View, key: str | int) -> object:
        nonlocal looked
        looked += 1
        return read(self, key)

    resources = [request_of(item) for item in stack_of(size)]
    request = type("Request", (), {"resources": resources})()
    with monkeypatch.context() as patched:
        patched.setattr(reads._View, "_read", counting)
        judge(stack_of_request(request, {}))
    return looked / size


def test_the_work_for_a_resource_is_the_same_in_a_stack_four_times_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in properties that rules look at, which no other program on the machine slows down."""
    small, large = (_looked_at(size, monkeypatch) for size in (2_000, 8_000))
    assert large < small * 1.05


def test_a_stack_has_exactly_the_size_and_no_name_twice() -> None:
    """Time divided by size is the time of a resource."""
    for size in (1, 100, 1_000):
        assert len({json.dumps((item["type"], item["name"])) for item in stack_of(size)}) == size


def test_previews_with_the_pack_and_without_take_turns() -> None:
    """Another one is first in each round, after one of each that nobody times."""
    ran: list[int] = []
    timed = in_turns(lambda options: ran.append(len(options)), ("pack",), rounds=2)
    assert ran == [1, 0, 0, 1, 1, 0]
    assert {name: len(seconds) for name, seconds in timed.items()} == {"with": 2, "without": 2}


def test_the_report_divides() -> None:
    """Milliseconds for a resource, and how many times as long a preview takes."""
    raw = {
        "rules": 100,
        "alone_s": {1_000: [0.2, 0.3, 0.1]},
        "echo_s": {100: {"with": [3.0], "without": [2.0]}},
        "program_resources": 500,
        "program_s": {"with": [12.0], "without": [10.0]},
    }
    printed = report(raw)
    assert "| 1,000 | 0.20 | 0.20 |" in printed
    assert "| 2.0 | 3.0 | **1.50** |" in printed
    assert "| 10.0 | 12.0 | **1.20** |" in printed
