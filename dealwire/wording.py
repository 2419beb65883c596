"""How amounts and deals are worded for people: in tables, messages and mails."""

from collections.abc import Mapping
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
    power = _power(row["capacity_mw_min"], row["capacity_mw_max"])
    told = " ".join(part for part in (str(row["kind"]).replace("_", " "), amount) if part)
    status = "" if row["status"] == "announced" else f" ({row['status']})"
    return f"{sides(row)}: {', '.join(part for part in (told, power) if part)}{status}"


def plain(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _power(low: float | None, high: float | None) -> str:
    def short(megawatts: float) -> str:
        return f"{megawatts / 1000:g} GW" if megawatts >= 1000 else f"{megawatts:g} MW"

    if low is None or high is None:
        return f"up to {short(high)}" if high is not None else f"over {short(low)}" if low is not None else ""
    return short(high) if low == high else f"{short(low)}–{short(high)}"


def _short(currency: str, amount: Decimal | float | None) -> str:
    value = float(amount or 0)
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{_SIGNS.get(currency, currency + ' ')}{value / size:.4g}{letter}"
    return f"{_SIGNS.get(currency, currency + ' ')}{value:g}"
