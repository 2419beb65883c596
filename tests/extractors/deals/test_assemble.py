"""Edges that the encoder sees, put together to deals."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from extractors.deals.assemble import assemble
from extractors.deals.candidates import CLASSES, TURNED
from extractors.deals.reader import Edge
from schemas.deal import DealKind, DealStatus
from schemas.mention import MoneyMention

TEXT = "Alpha, Beta and Gamma put $5 billion into Delta. Delta buys chips from Epsilon."
SENTENCES = ((0, 48), (49, 79))
Sums = Sequence[tuple[str, float]]


def edge(
    kind: str, payer: str, payee: str, probability: float = 0.9, money: str = "", more: Sums = (), text: str = TEXT
) -> Edge:
    spans = {name: ((text.index(name), text.index(name) + len(name)),) for name in (payer, payee)}
    amounts = [(sum_(text, printed), p) for printed, p in more]
    if money:
        amounts.insert(0, (sum_(text, money), 0.9))
    at = min(*spans[payer], *spans[payee])[0], max(*spans[payer], *spans[payee])[1]
    kind_, told = DealKind(kind), DealStatus.ANNOUNCED
    return Edge(kind_, payer, payee, probability, told, tuple(amounts), spans[payer], spans[payee], at)


def tied(*edges: Edge, by: float = 0.95) -> list[Edge]:
    """Edges that are sides of one commitment, with such a probability."""
    pairs = [(one.payer, one.payee) for one in edges]
    return [
        replace(one, together={other: by for other in pairs if other != pair})
        for one, pair in zip(edges, pairs, strict=True)
    ]


def sum_(text: str, printed: str) -> MoneyMention:
    start, value = text.index(printed), Decimal(printed.strip("$").split()[0]) * 1_000_000_000
    return MoneyMention(start=start, end=start + len(printed), currency="USD", amount_min=value, amount_max=value)


def told(*edges: Edge, text: str = TEXT) -> list[tuple[str, tuple[str, ...], tuple[str, ...], bool]]:
    spans = [found.span() for found in re.finditer(r"[^.]+\.", text)]
    found = assemble(text, edges, SENTENCES if text is TEXT else spans)
    return [(one.kind.value, one.payers or one.parties, one.payees, one.money is not None) for one in found]


def test_sides_of_one_commitment_make_one_deal_and_what_is_bought_another() -> None:
    found = told(
        edge("purchase", "Delta", "Epsilon"),
        *tied(
            edge("investment", "Beta", "Delta", money="$5 billion"),
            edge("investment", "Alpha", "Delta", money="$5 billion"),
            edge("investment", "Gamma", "Delta"),
        ),
    )
    assert found == [
        ("investment", ("Alpha", "Beta", "Gamma"), ("Delta",), True),
        ("purchase", ("Delta",), ("Epsilon",), False),
    ]


def test_money_for_two_companies_makes_two_deals_an_order_from_two_may_be_one() -> None:
    given = tied(edge("investment", "Alpha", "Delta"), edge("investment", "Alpha", "Epsilon"))
    assert [payees for _, _, payees, _ in told(*given)] == [("Delta",), ("Epsilon",)]
    given = tied(edge("purchase", "Alpha", "Delta"), edge("purchase", "Alpha", "Epsilon"))
    assert [payees for _, _, payees, _ in told(*given)] == [("Delta", "Epsilon")]


def test_what_is_paid_back_is_a_deal_of_its_own_what_is_paid_the_same_way_is_not() -> None:
    text = "Alpha licenses from Beta, which pays it $5 billion."
    paid = edge("purchase", "Beta", "Alpha", 0.9, "$5 billion", text=text)
    licence = edge("licensing", "Alpha", "Beta", 0.7, "$5 billion", text=text)
    assert [kind for kind, *_ in told(paid, licence, text=text)] == ["licensing", "purchase"]
    licence = edge("licensing", "Beta", "Alpha", 0.7, "$5 billion", text=text)
    assert [kind for kind, *_ in told(paid, licence, text=text)] == ["purchase"]


def test_a_sum_that_stands_there_once_is_paid_once() -> None:
    text = "Alpha put $5 billion into Delta, a rival of Epsilon."
    given = [
        edge("investment", "Alpha", "Delta", 0.9, "$5 billion", text=text),
        edge("investment", "Alpha", "Epsilon", 0.6, "$5 billion", text=text),
    ]
    assert [payees for _, _, payees, _ in told(*given, text=text)] == [("Delta",)]
    text = "Alpha put $5 billion each into Delta and Epsilon."
    given = [
        edge("investment", "Alpha", one, p, "$5 billion", text=text) for one, p in (("Delta", 0.9), ("Epsilon", 0.6))
    ]
    assert [payees for _, _, payees, _ in told(*given, text=text)] == [("Delta",), ("Epsilon",)]


def test_of_both_directions_the_likelier_counts() -> None:
    found = told(edge("purchase", "Delta", "Epsilon", 0.7), edge("purchase", "Epsilon", "Delta", 0.6))
    assert found == [("purchase", ("Delta",), ("Epsilon",), False)]


def test_an_edge_that_is_unlikely_makes_no_deal() -> None:
    assert told(edge("investment", "Alpha", "Delta", 0.3)) == []


def test_two_rounds_of_one_company_have_each_its_own_investor() -> None:
    text = "Alpha led a $1 billion round of Delta, and Beta led one of $2 billion."
    rounds = tied(
        edge("investment", "Alpha", "Delta", more=[("$1 billion", 0.83), ("$2 billion", 0.78)], text=text),
        edge("investment", "Beta", "Delta", more=[("$2 billion", 0.85), ("$1 billion", 0.6)], text=text),
        by=0.5,
    )
    found = told(*rounds, text=text)
    assert found == [("investment", ("Alpha",), ("Delta",), True), ("investment", ("Beta",), ("Delta",), True)]


def test_a_total_and_what_each_gives_are_deals_beside_each_other() -> None:
    text = "Of the $5 billion for Delta, Alpha gives $3 billion and Beta $2 billion."
    total = ("$5 billion", 0.9)
    shares = tied(
        edge("investment", "Alpha", "Delta", more=[total, ("$3 billion", 0.85)], text=text),
        edge("investment", "Beta", "Delta", more=[total, ("$2 billion", 0.85)], text=text),
    )
    found = told(*shares, text=text)
    assert sorted(payers for _, payers, _, _ in found) == [("Alpha",), ("Alpha", "Beta"), ("Beta",)]


@pytest.mark.parametrize(("by", "deals"), [(0.9, 1), (0.3, 2)])
def test_sellers_to_one_buyer_share_a_deal_only_if_they_share_a_commitment(by: float, deals: int) -> None:
    assert len(told(*tied(edge("purchase", "Delta", "Alpha"), edge("purchase", "Delta", "Beta"), by=by))) == deals


def test_one_of_unlike_sums_that_most_speaks_for_is_the_sum_of_a_sure_commitment() -> None:
    text = "Alpha and Beta put $5 billion, or $4 billion by another count, into Delta."
    sides = tied(
        edge("investment", "Alpha", "Delta", more=[("$5 billion", 0.9)], text=text),
        edge("investment", "Beta", "Delta", more=[("$4 billion", 0.6)], text=text),
        by=1.0,
    )
    (found,) = assemble(text, sides, [(0, len(text))])
    assert found.payers == ("Alpha", "Beta")
    assert found.money is not None
    assert found.money.amount_max == 5_000_000_000


def test_companies_that_all_deal_with_each_other_have_one_partnership() -> None:
    found = told(
        *tied(
            edge("partnership", "Gamma", "Alpha", 0.4),
            edge("partnership", "Alpha", "Beta"),
            edge("partnership", "Beta", "Gamma", 0.8),
        )
    )
    assert found == [("partnership", ("Alpha", "Beta", "Gamma"), (), False)]


def test_partners_of_one_company_that_have_nothing_to_do_with_each_other_have_their_own() -> None:
    found = told(
        *tied(edge("partnership", "Alpha", "Beta"), edge("partnership", "Alpha", "Gamma", 0.8), by=0.2),
        edge("joint_venture", "Delta", "Epsilon", money="$5 billion"),
        edge("joint_venture", "Alpha", "Epsilon", 0.35),
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
