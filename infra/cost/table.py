"""Estimates and prices as Markdown, for the README."""

from collections.abc import Mapping
from typing import Any

from infra.cost.prices import PriceList


def idle_cost(estimates: Mapping[str, Mapping[str, Any]]) -> str:
    """Estimates by stack, as `Meter.estimate` gives them: one row a part, one column a stack, US dollars a month."""
    parts = dict.fromkeys(part for estimate in estimates.values() for part in estimate["by_part"])
    rows = [_row(part, [estimate["by_part"].get(part) for estimate in estimates.values()]) for part in parts]
    header = [f"| USD a month, idle | {' | '.join(estimates)} |", f"|---|{'--:|' * len(estimates)}"]
    total = _row("**all**", [estimate["total"] for estimate in estimates.values()])
    return "\n".join([*header, *rows, total, "", *_notes(estimates)])


def by_use() -> str:
    """What the estimates leave out because it costs by use: service, first price, AWS's page."""
    rows = [
        f"| [{service.service}]({service.page}) | {service.price}{' (not confirmed)' if service.unconfirmed else ''} |"
        for service in PriceList.read().by_use
    ]
    return "\n".join(["| costs by use, not counted | list price |", "|---|---|", *rows])


def _row(name: str, amounts: list[float | None]) -> str:
    cells = ["" if amount is None else f"{amount:,.2f}" for amount in amounts]
    return f"| {name} | {' | '.join(cells)} |"


def _notes(estimates: Mapping[str, Mapping[str, Any]]) -> list[str]:
    first = next(iter(estimates.values()))
    notes = [
        f"List prices of {first['prices_of']} on {first['priced_on']}, at {first['at']}: a pool of several types at the "
        "dearest of them, Spot at the price on demand, which it does not exceed."
    ]
    for stack, estimate in estimates.items():
        if estimate["not_counted"]:
            notes.append(f"Not counted in {stack}: {', '.join(estimate['not_counted'])}.")
    return notes
