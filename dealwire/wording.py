"""How amounts and deals are worded for people: in tables, messages and mails."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}


def money(currency: str | None, low: Decimal | float | None, high: Decimal | float | None) -> str:
    """`$30B`, `up to $10B`, `over $5B`, `$5B–$7B`, `€1.7B`, `INR 8.55B`; empty if there is no amount."""
    if currency is None or (low is None and high is None):
        return ""
    if low is None:
        return f"up to {_short(currency, high)}"
    if high is None:
        return f"over {_short(currency, low)}"
    if low == high:
        return _short(currency, low)
    return f"{_short(currency, low)}–{_short(currency, high)}"


def sides(row: Mapping[str, Any]) -> str:
    """`NVIDIA, Microsoft → Anthropic`, or `A + B` for kinds without a direction."""
    if row["parties"]:
        return " + ".join(row["parties"])
    return f"{', '.join(row['payers'])} → {', '.join(row['payees'])}"


def deal(row: Mapping[str, Any]) -> str:
    """`NVIDIA, Microsoft → Anthropic: investment up to $10B, up to 1 GW (planned)`."""
    amount = money(row["currency"], row["amount_min"], row["amount_max"])
    capacity = power(row["capacity_mw_min"], row["capacity_mw_max"])
    told = " ".join(part for part in (kind(str(row["kind"])), amount) if part)
    status = "" if row["status"] == "announced" else f" ({row['status']})"
    return f"{sides(row)}: {', '.join(part for part in (told, capacity) if part)}{status}"


def kind(name: str) -> str:
    """`joint venture` of `joint_venture`."""
    return name.replace("_", " ")


def usd(amount: Decimal | float | None) -> str:
    """A sum in US dollars: `$30B`; `$0` if there is none."""
    return _short("USD", amount)


def count(number: int, thing: str) -> str:
    """`1 deal`, `2 deals`, `3 companies`."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing[:-1]}ies" if thing.endswith("y") else f"{number:,} {thing}s"


def day(when: date | datetime) -> str:
    """`18 Nov 2025`."""
    return f"{when.day} {when:%b %Y}"


def lasting(seconds: float) -> str:
    """A length of time in its largest unit: `40 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 129_600 else f"{seconds / 86_400:.0f} days"


def ago(when: datetime, now: datetime) -> str:
    """`5 min ago`, or `in 5 min` if it is still to come."""
    seconds = (now - when).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{lasting(seconds)} ago" if seconds > 0 else f"in {lasting(-seconds)}"


def terms(row: Mapping[str, Any]) -> str:
    """What a deal states beside sides and amount: `3 years, 10% stake, valuation $350B`; empty if nothing."""
    value = money(row["valuation_currency"], row["valuation"], row["valuation"])
    told = (
        f"{row['years']:g} years" if row["years"] else "",
        f"{row['stake_percent']:g}% stake" if row["stake_percent"] else "",
        f"valuation {value}" if value else "",
    )
    return ", ".join(part for part in told if part)


def power(low: float | None, high: float | None) -> str:
    """`1 GW`, `up to 500 MW`, `over 2 GW`; empty if no capacity is stated."""

    def short(megawatts: float) -> str:
        return f"{megawatts / 1000:g} GW" if megawatts >= 1000 else f"{megawatts:g} MW"

    if low is None or high is None:
        return f"up to {short(high)}" if high is not None else f"over {short(low)}" if low is not None else ""
    return short(high) if low == high else f"{short(low)}–{short(high)}"


def plain(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _short(currency: str, amount: Decimal | float | None) -> str:
    value = float(amount or 0)
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{_SIGNS.get(currency, currency + ' ')}{value / size:.4g}{letter}"
    return f"{_SIGNS.get(currency, currency + ' ')}{value:g}"
