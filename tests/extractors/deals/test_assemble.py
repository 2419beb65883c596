"""Edges that the encoder sees, put together to deals."""

from decimal import Decimal

import pytest

from extractors.deals.assemble import assemble
from extractors.deals.candidates import CLASSES, TURNED
from extractors.deals.reader import Edge
from schemas.deal import DealKind, DealStatus
from schemas.mention import MoneyMention

TEXT = "Alpha, Beta and Gamma put $5 billion into Delta. Delta buys chips from Epsilon."
SENTENCES = ((0, 48), (49, 79))


def edge(kind: str, payer: str, payee: str, probability: float = 0.9, money: str = "") -> Edge:
    spans = {name: ((TEXT.index(name), TEXT.index(name) + len(name)),) for name in (payer, payee)}
    amounts: tuple[tuple[MoneyMention, float], ...] = ()
    if money:
        start, value = TEXT.index(money), Decimal(5_000_000_000)
        one = MoneyMention(start=start, end=start + len(money), currency="USD", amount_min=value, amount_max=value)
        amounts = ((one, 0.9),)
    return Edge(DealKind(kind), payer, payee, probability, DealStatus.ANNOUNCED, amounts, spans[payer], spans[payee])


def told(*edges: Edge) -> list[tuple[str, tuple[str, ...], tuple[str, ...], bool]]:
    found = assemble(TEXT, edges, SENTENCES)
    return [(one.kind.value, one.payers or one.parties, one.payees, one.money is not None) for one in found]


def test_those_who_share_a_sum_make_one_deal_and_what_is_bought_another() -> None:
    found = told(
        edge("purchase", "Delta", "Epsilon"),
        edge("investment", "Beta", "Delta", money="$5 billion"),
        edge("investment", "Alpha", "Delta", money="$5 billion"),
        edge("investment", "Gamma", "Delta"),
    )
    assert found == [
        ("investment", ("Alpha", "Beta", "Gamma"), ("Delta",), True),
        ("purchase", ("Delta",), ("Epsilon",), False),
    ]


def test_of_both_directions_the_likelier_counts() -> None:
    found = told(edge("purchase", "Delta", "Epsilon", 0.7), edge("purchase", "Epsilon", "Delta", 0.6))
    assert found == [("purchase", ("Delta",), ("Epsilon",), False)]


def test_an_edge_that_is_less_likely_than_not_makes_no_deal() -> None:
    assert told(edge("investment", "Alpha", "Delta", 0.49)) == []


def test_companies_that_all_deal_with_each_other_have_one_partnership() -> None:
    found = told(
        edge("partnership", "Gamma", "Alpha", 0.4),
        edge("partnership", "Alpha", "Beta"),
        edge("partnership", "Beta", "Gamma", 0.8),
    )
    assert found == [("partnership", ("Alpha", "Beta", "Gamma"), (), False)]


def test_partners_of_one_company_that_have_nothing_to_do_with_each_other_have_their_own() -> None:
    found = told(
        edge("partnership", "Alpha", "Beta"),
        edge("partnership", "Alpha", "Gamma", 0.8),
        edge("joint_venture", "Delta", "Epsilon", money="$5 billion"),
        edge("joint_venture", "Alpha", "Epsilon", 0.5),
    )
    assert found == [
        ("joint_venture", ("Delta", "Epsilon"), (), True),
        ("partnership", ("Alpha", "Beta"), (), False),
        ("partnership", ("Alpha", "Gamma"), (), False),
    ]


@pytest.mark.parametrize("number", range(len(CLASSES)))
def test_turning_a_pair_twice_changes_nothing_and_once_its_direction(number: int) -> None:
    name, turned = CLASSES[number], CLASSES[TURNED[number]]
    assert TURNED[TURNED[number]] == number
    assert name.rstrip("<>") == turned.rstrip("<>")
    assert (name == turned) == (name[-1] not in "<>")
