"""A table of sentences as news prints them, and the deals that each tells."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.deal import DealClaim

LINES = [
    line
    for line in Path(__file__).with_name("deal_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def told(one: DealClaim) -> str:
    """A claim as the table writes it."""
    amount = one.amount_max if one.amount_max is not None else one.amount_min
    return f"{one.kind.value} {'+'.join(one.payers)}>{'+'.join(one.payees or one.parties)} {int(amount or 0)}"


def normal(deal: str) -> tuple[str, frozenset[str], frozenset[str], str]:
    kind, rest = deal.split(" ", 1)
    sides, amount = rest.rsplit(" ", 1)
    payers, payees = sides.split(">")
    return kind, frozenset(payers.split("+")), frozenset(payees.split("+")), amount


@pytest.mark.parametrize(("sentence", "deals"), list(zip(LINES[::2], LINES[1::2], strict=True)))
def test_a_sentence_tells_its_deals_and_no_others(
    claims: Callable[[str], list[DealClaim]], sentence: str, deals: str
) -> None:
    expected = {normal(one.strip()) for one in deals.removeprefix("=").split(";") if one.strip()}
    assert {normal(told(one)) for one in claims(sentence)} == expected
