"""Counts what the program registers, and says what that costs a month."""

from collections import defaultdict
from typing import Any

import pulumi

from infra.cost.counters import COUNTERS, Seen, UnknownError
from infra.cost.prices import Line, PriceList

AT = "desired node counts"


class Meter:
    """Sees every AWS resource that the program registers after `watch`; changes none."""

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices
        self._seen: dict[pulumi.Resource, Seen] = {}

    @classmethod
    def watch(cls) -> "Meter":
        """A meter of the running program: call it before the first resource."""
        meter = cls(PriceList.read())
        pulumi.runtime.register_stack_transformation(meter._see)
        return meter

    def _see(self, args: pulumi.ResourceTransformationArgs) -> None:
        if args.type_.startswith("aws:"):
            self._seen[args.resource] = Seen(args.resource, args.type_, args.name, dict(args.props))

    def estimate(self) -> pulumi.Output[dict[str, Any]]:
        """US dollars a month while nobody uses the stack: call it after the last resource.

        `total`; `by_part`, in descending order; `at`, the size of the node pools that it is for; `prices_of`, the
        region, and `priced_on`, the day of the price list; `not_counted`, the resources whose price is not in the
        list, or whose number is not known before the update.
        """
        return pulumi.Output.from_input(self._estimate())

    async def _estimate(self) -> dict[str, Any]:
        parts: dict[str, float] = defaultdict(float)
        not_counted = []
        for seen in list(self._seen.values()):
            try:
                for part, usd in [(line.part, self._usd(line)) for line in await self._lines(seen)]:
                    parts[part] += usd
            except UnknownError:
                not_counted.append(f"{seen.type} {seen.name}")
        return {
            "total": round(sum(parts.values()), 2),
            "by_part": {
                part: round(usd, 2) for part, usd in sorted(parts.items(), key=lambda item: (-item[1], item[0]))
            },
            "at": AT,
            "prices_of": self._prices.region,
            "priced_on": self._prices.priced_on.isoformat(),
            "not_counted": sorted(not_counted),
        }

    async def _lines(self, seen: Seen) -> list[Line]:
        if seen.type in self._prices.uncounted or seen.type.startswith("aws:index/"):
            return []
        if (counter := COUNTERS.get(seen.type)) is None:
            raise UnknownError
        return await counter(seen, self._seen)

    def _usd(self, line: Line) -> float:
        """A price of several names is the dearest of them."""
        monthly = [self._prices.monthly_usd(name) for name in line.price.split("|")]
        found = [price for price in monthly if price is not None]
        if len(found) < len(monthly):
            raise UnknownError
        return max(found) * line.quantity
