"""The price list is complete for the program, consistent, and says where it has its figures from."""

from datetime import date
from itertools import combinations
from typing import Any

import pytest
import yaml

from infra.cost.counters import COUNTERS
from infra.cost.prices import PriceList
from infra.cost.table import by_use, idle_cost
from tests.infra.conftest import REPO, Program

PRICES = PriceList.read()
ESTIMATE: dict[str, Any] = {
    "total": 80.0,
    "by_part": {"control plane": 73.0, "keys": 7.0},
    "at": "desired node counts",
    "prices_of": "us-east-1",
    "priced_on": "2026-11-22",
    "not_counted": [],
}


def test_every_type_of_the_program_is_counted_or_said_to_be_free_or_by_use(program: Program) -> None:
    """A new type that costs money by the hour cannot be forgotten."""
    registered = {each.type for each in program.resources if each.type.startswith("aws:")}
    assert registered - set(COUNTERS) - PRICES.uncounted == set()


def test_no_type_is_in_two_places() -> None:
    """Counted, by use, or free: one of them."""
    services = [set(service.types) for service in PRICES.by_use]
    for first, second in combinations([set(COUNTERS), set(PRICES.free), *services], 2):
        assert not first & second


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_instance_type_of_an_example_has_a_price(stack: str) -> None:
    """An example whose machines are left out of its own estimate would mislead."""
    config = yaml.safe_load((REPO / f"Pulumi.{stack}.yaml").read_text())["config"]
    for key in ("systemInstanceTypes", "gpuInstanceTypes"):
        for instance_type in config[f"inference:{key}"]:
            assert PRICES.monthly_usd(f"instance:{instance_type}") is not None, instance_type


def test_an_hourly_price_is_of_730_hours_and_a_monthly_one_as_it_stands() -> None:
    """AWS's own calculator takes 730 hours for a month."""
    assert PRICES.monthly_usd("eks-cluster") == pytest.approx(73.0)
    assert PRICES.monthly_usd("kms-key") == 1.0
    assert PRICES.monthly_usd("instance:z9.huge") is None


def test_no_figure_was_seen_after_the_list_was_made() -> None:
    """The dates are those of reading, not of hope."""
    assert all(price.seen <= PRICES.priced_on.strftime("%Y-%m") for price in PRICES.prices.values())
    assert PRICES.priced_on <= date.today()


def test_the_table_has_a_row_a_part_and_a_column_a_stack() -> None:
    """Parts that a stack lacks are empty, not zero; what is not counted is said."""
    smaller = {**ESTIMATE, "total": 73.0, "by_part": {"control plane": 73.0}, "not_counted": ["aws:x/y:Z z"]}
    assert idle_cost({"prod": ESTIMATE, "dev": smaller}).splitlines() == [
        "| USD a month, idle | prod | dev |",
        "|---|--:|--:|",
        "| control plane | 73.00 | 73.00 |",
        "| keys | 7.00 |  |",
        "| **all** | 80.00 | 73.00 |",
        "",
        "List prices of us-east-1 on 2026-11-22, at desired node counts: a pool of several types at the dearest of them, "
        "Spot at the price on demand, which it does not exceed.",
        "Not counted in dev: aws:x/y:Z z.",
    ]


def test_the_services_that_cost_by_use_are_listed_with_aws_page() -> None:
    """What nobody could confirm is marked."""
    rows = by_use().splitlines()[2:]
    assert len(rows) == len(PRICES.by_use)
    assert [row for row in rows if "(not confirmed)" in row] == [row for row in rows if "Backup" in row or "SNS" in row]
