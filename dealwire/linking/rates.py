"""Exchange rates: one unit of a currency in US dollars, from a day on.

`rates.csv` holds yearly averages rounded to three digits, written down from the central banks' published tables; the
last two years are estimates. They order and add up deals of different currencies; they are not for accounting. Daily
rates of the European Central Bank (`ecb`) come beside them where they were stored.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any, Self


class Rates:
    """A dated table of rates."""

    def __init__(self, rows: Iterable[tuple[str, date, float]]) -> None:
        self._rows = sorted(rows)
        self._days: dict[str, list[date]] = {}
        self._values: dict[str, list[Decimal]] = {}
        for currency, day, usd in self._rows:
            self._days.setdefault(currency, []).append(day)
            self._values.setdefault(currency, []).append(Decimal(str(usd)))

    @classmethod
    def load(cls, stored: Iterable[tuple[str, date, float]] = ()) -> Self:
        """The table that dealwire ships, and the `stored` rates of other days."""
        text = (files("dealwire.linking") / "rates.csv").read_text(encoding="utf-8")
        shipped = {
            (row["currency"], date.fromisoformat(row["day"])): float(row["usd"])
            for row in csv.DictReader(text.splitlines())
        }
        # What an older version shipped for the same day is stored as well, and may have been wrong.
        others = {(currency, day): usd for currency, day, usd in stored}
        return cls((*key, usd) for key, usd in (others | shipped).items())

    @property
    def first_day(self) -> date:
        """The day from which on the table knows rates."""
        return min(day for _, day, _ in self._rows)

    def usd(self, amount: Decimal | None, currency: str | None, day: date) -> Decimal | None:
        """The amount in US dollars at the last rate at or before the day (else the first); None if it is unknown."""
        if amount is None or currency not in self._days:
            return None
        at = max(0, bisect_right(self._days[currency], day) - 1)
        return (amount * self._values[currency][at]).quantize(Decimal("0.01"))

    def rows(self) -> list[dict[str, Any]]:
        """The table as rows: currency, day, usd."""
        return [{"currency": currency, "day": day, "usd": usd} for currency, day, usd in self._rows]
