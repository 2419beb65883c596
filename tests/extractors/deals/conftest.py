"""Texts with marked mentions: `[Acme]` is a company, `{USD 5000000 = $5 million}` money, `<500 = 500 MW>` capacity."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from extractors.deals import deals
from extractors.nlp import pipeline
from schemas.deal import DealClaim
from schemas.ids import slug
from schemas.mention import CapacityMention, CompanyMention, MoneyMention

_MARK = re.compile(
    r"\[(?P<company>[^\]|]+)(?:\|(?P<name>[^\]]+))?\]"
    r"|\{(?P<currency>[A-Z]{3}) (?P<low>\S*)\.\.(?P<high>\S*) = (?P<money>[^}]+)\}"
    r"|<(?P<mw>\S+) = (?P<power>[^>]+)>"
)


def read(marked: str) -> list[DealClaim]:
    """The claims of a text whose mentions are marked."""
    parts: list[str] = []
    found: dict[str, list[Any]] = {name: [] for name in ("companies", "money", "chips", "models", "capacity")}
    at = last = 0
    for mark in _MARK.finditer(marked):
        parts.append(marked[last : mark.start()])
        at += len(parts[-1])
        shown = mark["company"] or mark["money"] or mark["power"]
        span = {"start": at, "end": at + len(shown)}
        if mark["company"]:
            name = mark["name"] or shown
            found["companies"].append(CompanyMention(**span, company_id=slug(name), name=name, known=True))
        elif mark["money"]:
            low, high = (Decimal(mark[k]) if mark[k] else None for k in ("low", "high"))
            found["money"].append(MoneyMention(**span, currency=mark["currency"], amount_min=low, amount_max=high))
        else:
            found["capacity"].append(CapacityMention(**span, mw_max=float(mark["mw"])))
        parts.append(shown)
        at += len(shown)
        last = mark.end()
    doc = pipeline()("".join(parts) + marked[last:])
    doc.user_data["dealwire"] = {name: tuple(records) for name, records in found.items()}
    return list(deals(doc))


@pytest.fixture(scope="session")
def claims() -> Callable[[str], list[DealClaim]]:
    """`read` as a fixture."""
    return read
