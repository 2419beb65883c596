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
from schemas.mention import CapacityMention, MoneyMention

TEXT = "Alpha, Beta and Gamma put $5 billion into Delta. Delta buys chips from Epsilon."
SENTENCES = ((0, 48), (49, 79))
TEN_MW = CapacityMention(start=0, end=5, mw_min=10, mw_max=10)
Sums = Sequence[tuple[str, float]]


def edge(
    kind: str, payer: str, payee: str, probability: float = 0.9, money: str = "", more: Sums = (), text: str = TEXT
) -> Edge:
    spans = {name: ((text.index(name), text.index(name) + len(name)),) for name in (payer, payee)}
    amounts = [(TEN_MW if printed == "10 MW" else sum_(text, printed), p) for printed, p in more]
    if money:
        amounts.insert(0, (sum_(text, money), 0.9))
    at = min(*spans[payer], *spans[payee])[0], max(*spans[payer], *spans[payee])[1]
    kind_, told = DealKind(kind), DealStatus.ANNOUNCED
    return Edge(kind_, payer, payee, probability, told, tuple(amounts), spans[payer], spans[payee], at)


def sum_(text: str, printed: str) -> MoneyMention:
    start, value = text.index(printed), Decimal(printed.strip("$").split()[0]) * 1_000_000_000
    return MoneyMention(start=start, end=start + len(printed), currency="USD", amount_min=value, amount_max=value)


def told(*edges: Edge, text: str = TEXT) -> list[tuple[str, tuple[str, ...], tuple[str, ...], bool]]:
    spans = [found.span() for found in re.finditer(r"[^.]+\.", text)]
    found = assemble(text, edges, SENTENCES if text is TEXT else spans)
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


def test_an_edge_that_is_unlikely_makes_no_deal() -> None:
    assert told(edge("investment", "Alpha", "Delta", 0.3)) == []


def test_two_rounds_of_one_company_have_each_its_own_investor() -> None:
    text = "Alpha led a $1 billion round of Delta, and Beta led one of $2 billion."
    found = told(
        edge("investment", "Alpha", "Delta", more=[("$1 billion", 0.83), ("$2 billion", 0.78)], text=text),
        edge("investment", "Beta", "Delta", more=[("$2 billion", 0.85), ("$1 billion", 0.6)], text=text),
        text=text,
    )
    assert found == [("investment", ("Alpha",), ("Delta",), True), ("investment", ("Beta",), ("Delta",), True)]


def test_a_total_and_what_each_gives_are_deals_beside_each_other() -> None:
    text = "Of the $5 billion for Delta, Alpha gives $3 billion and Beta $2 billion."
    total = ("$5 billion", 0.9)
    found = told(
        edge("investment", "Alpha", "Delta", more=[total, ("$3 billion", 0.85)], text=text),
        edge("investment", "Beta", "Delta", more=[total, ("$2 billion", 0.85)], text=text),
        text=text,
    )
    assert sorted(payers for _, payers, _, _ in found) == [("Alpha",), ("Alpha", "Beta"), ("Beta",)]


def test_investors_told_of_far_apart_and_without_a_sum_share_no_round() -> None:
    near = "Alpha led a round of Delta. Beta took part in it."
    far = "Alpha led a round of Delta. It rained. It snowed. It hailed. Beta put money into it, too."
    for text, rounds in ((near, 1), (far, 2)):
        beta = edge("investment", "Beta", "Delta", text=text)
        start = text.index("Beta")
        edges = edge("investment", "Alpha", "Delta", text=text), replace(beta, at=(start, start + 20))
        assert len(told(*edges, text=text)) == rounds


def test_power_that_is_bought_is_no_part_of_a_purchase_from_another_in_the_list() -> None:
    text = "Alpha and Beta invest in Delta, which spends $5 billion with Alpha and takes 10 MW of Beta."
    found = told(
        edge("purchase", "Delta", "Alpha", money="$5 billion", text=text),
        edge("purchase", "Delta", "Beta", more=[("10 MW", 0.8)], text=text),
        text=text,
    )
    assert found == [("purchase", ("Delta",), ("Alpha",), True), ("purchase", ("Delta",), ("Beta",), False)]


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
