"""AWS's list prices, as infra/cost/prices.yaml records them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).with_name("prices.yaml")


class _Recorded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Recorded):
    """What one unit costs `per` hour or month: `of` says what the unit is, `page`, `by` and `seen` where that is written."""

    usd: float = Field(gt=0)
    per: Literal["hour", "month"]
    of: str
    page: str = Field(pattern=r"^https://aws\.amazon\.com/")
    by: str
    seen: str = Field(pattern=r"^\d{4}-\d{2}$")


class ByUse(_Recorded):
    """A service that costs by how much it is used, and the resource types that bring it."""

    service: str
    price: str
    page: str = Field(pattern=r"^https://aws\.amazon\.com/")
    types: tuple[str, ...]
    unconfirmed: bool = False


class PriceList(_Recorded):
    """Prices of one region on one day."""

    region: str
    priced_on: date
    hours_per_month: int
    prices: Mapping[str, Price]
    by_use: tuple[ByUse, ...]
    free: frozenset[str]

    @classmethod
    def read(cls) -> "PriceList":
        """The list in this package."""
        return cls.model_validate(yaml.safe_load(_FILE.read_text()))

    def monthly_usd(self, name: str) -> float | None:
        """US dollars a month for one unit of the price called `name`; None where it is not listed."""
        price = self.prices.get(name)
        if price is None:
            return None
        return price.usd * (self.hours_per_month if price.per == "hour" else 1)

    @property
    def uncounted(self) -> frozenset[str]:
        """Resource types that cost nothing by themselves while nobody uses them."""
        return self.free | {kind for service in self.by_use for kind in service.types}


@dataclass(frozen=True)
class Line:
    """So many units of one price; `part` is the part of the stack that they are of."""

    part: str
    price: str
    quantity: float
