"""What the encoder mends of the deals that frames read."""

from dataclasses import replace
from decimal import Decimal

from extractors.deals.mend import is_membership, is_told, mended
from extractors.deals.merge import Told
from extractors.deals.price import price
from extractors.deals.reader import Edge
from schemas.deal import DealKind, DealStatus
from schemas.mention import MoneyMention

SENTENCES = ((0, 60), (60, 120))


def money(start: int, amount: int) -> MoneyMention:
    value = Decimal(amount)
    return MoneyMention(start=start, end=start + 5, currency="USD", amount_min=value, amount_max=value)


def deal(payers: str, payees: str, kind: str = "investment", sum_: MoneyMention | None = None, **more: bool) -> Told:
    return Told(
        DealKind(kind),
        tuple(payers),
        tuple(payees),
        (),
        DealStatus.ANNOUNCED,
        sum_,
        None,
        0,
        60,
        confidence=0.8,
        **more,
    )


def edge(
    payer: str, payee: str, probability: float = 0.9, kind: str = "investment", *sums: tuple[MoneyMention, float]
) -> Edge:
    return Edge(DealKind(kind), payer, payee, probability, DealStatus.ANNOUNCED, sums, ((0, 1),), ((2, 3),), (0, 3))


FIVE, NINE = money(20, 5_000_000), money(70, 9_000_000)


def test_a_side_that_the_encoder_denies_is_none() -> None:
    (found,) = mended([deal("AB", "C", "acquisition")], [edge("A", "C", kind="acquisition")], [])
    assert (found.payers, found.payees) == (("A",), ("C",))
    (found,) = mended([deal("A", "CD", "purchase")], [edge("A", "D", 0.3, "purchase")], [])
    assert (found.payers, found.payees) == (("A",), ("D",))


def test_a_side_that_it_hardly_sees_is_dropped_beside_one_that_it_does() -> None:
    seen = [edge("A", "C", 0.9), edge("B", "C", 0.1)]
    assert mended([deal("AB", "C")], seen, [])[0].payers == ("A",)
    assert mended([deal("B", "C")], seen, [])[0].payers == ("B",)


def test_a_round_without_a_sum_has_the_one_and_all_investors_that_it_sees() -> None:
    seen = [edge(one, "D") for one in "ABC"]
    (found,) = mended([deal("A", "D")], seen, [deal("ABC", "D", sum_=FIVE)])
    assert (found.payers, found.money) == (("A", "B", "C"), FIVE)
    (found,) = mended([deal("A", "D")], seen, [deal("A", "D", sum_=FIVE)])
    assert (found.payers, found.money) == (("A",), None)


def test_a_firm_sum_of_its_own_makes_another_round_of_the_same_investors() -> None:
    first = deal("AB", "D", sum_=FIVE)
    later = deal("AC", "D", sum_=NINE)
    assert is_told(later, [first])
    assert is_told(replace(later, confidence=0.95, money=FIVE), [first])
    assert not is_told(replace(later, confidence=0.95), [first])
    vague = NINE.model_copy(update={"amount_max": None})
    assert is_told(replace(later, confidence=0.95, money=vague), [first])
    assert is_told(
        replace(deal("AC", "D", "acquisition", NINE), confidence=0.95), [deal("A", "D", "acquisition", FIVE)]
    )


def test_a_deal_of_which_it_sees_no_side_stays_as_it_is() -> None:
    (found,) = mended([deal("AB", "C")], [], [])
    assert found.payers == ("A", "B")


def test_a_round_has_all_investors_behind_its_sum() -> None:
    whole = deal("ABC", "D", sum_=money(90, 5_000_000))
    seen = [edge(one, "D") for one in "ABC"]
    assert [one.payers for one in mended([deal("A", "D", sum_=FIVE)], seen, [whole])] == [("A", "B", "C")]
    assert [one.payers for one in mended([deal("A", "D", sum_=NINE)], seen, [whole])] == [("A",)]
    assert [one.payers for one in mended([deal("A", "D", sum_=FIVE, share=True)], seen, [whole])] == [("A",)]


def test_a_takeover_has_all_its_buyers_and_a_doubted_side_makes_way_for_a_sure_one() -> None:
    whole = deal("AB", "D", "acquisition")
    sure = [edge(one, "D", kind="acquisition") for one in "AB"]
    assert [one.payers for one in mended([deal("A", "D", "acquisition")], sure, [whole])] == [("A", "B")]
    unsure = [edge("A", "D", kind="acquisition"), edge("B", "D", 0.5, "acquisition")]
    assert [one.payers for one in mended([deal("A", "D", "acquisition")], unsure, [whole])] == [("A",)]
    wrong = deal("AC", "D", "financing")
    seen = [edge("A", "D", kind="financing"), edge("B", "D", kind="financing"), edge("C", "D", 0.25, "financing")]
    assert [one.payers for one in mended([wrong], seen, [deal("AB", "D", "financing")])] == [("A", "B")]


def test_a_partner_that_the_encoder_hardly_sees_makes_way_for_one_that_it_does() -> None:
    told, whole = (replace(deal("", "", "joint_venture"), parties=tuple(parties)) for parties in ("ABX", "ABC"))
    seen = [edge("A", "B", kind="joint_venture"), edge("C", "B", kind="joint_venture")]
    assert [one.parties for one in mended([told], seen, [whole])] == [("A", "B", "C")]


def test_two_halves_of_a_round_become_one_deal() -> None:
    whole = deal("AB", "D", sum_=FIVE)
    found = mended([deal("A", "D", sum_=FIVE), deal("B", "D", sum_=FIVE)], [edge("A", "D"), edge("B", "D")], [whole])
    assert [one.payers for one in found] == [("A", "B")]


def test_a_likely_sum_counts_where_no_other_is_stated_and_no_other_deal_has_it() -> None:
    seen = [edge("A", "D", 0.9, "investment", (FIVE, 0.2), (NINE, 0.4))]
    (found,) = mended([deal("A", "D")], seen, [])
    worth = price("x" * 120, found, [found], SENTENCES, [], [FIVE, NINE])
    assert worth is not None
    assert worth.low == NINE.amount_min
    beside = deal("B", "E", sum_=NINE)
    assert price("x" * 120, found, [found, beside], SENTENCES, [], [FIVE, NINE]) is None
    (unsure,) = mended([deal("A", "D")], [edge("A", "D", 0.9, "investment", (FIVE, 0.2))], [])
    assert price("x" * 120, unsure, [unsure], SENTENCES, [], [FIVE]) is None


def test_nobody_is_taken_over_twice_by_the_same_company_for_another_sum() -> None:
    bid, debts = deal("A", "B", "acquisition", FIVE), deal("A", "B", "acquisition", NINE)
    assert [one.money for one in mended([bid, debts], [], [])] == [FIVE]
    assert len(mended([bid, replace(debts, status=DealStatus.ENDED)], [], [])) == 2
    assert len(mended([deal("A", "B", "purchase", FIVE), deal("A", "B", "purchase", NINE)], [], [])) == 2


def test_a_sum_told_with_and_without_a_bound_is_one() -> None:
    least = FIVE.model_copy(update={"amount_max": None})
    assert len(mended([deal("A", "B", sum_=FIVE), deal("A", "B", sum_=least)], [], [])) == 1


def test_what_one_partner_pays_the_other_is_not_the_sum_of_what_they_do_together() -> None:
    stake = deal("A", "B", sum_=FIVE)
    for kind, sum_, worth in (
        ("partnership", FIVE, None),
        ("joint_venture", FIVE, None),
        ("joint_venture", NINE, NINE),
    ):
        both = replace(deal("", "", kind, sum_), parties=("A", "B"))
        found = price("x" * 120, both, [stake, both], SENTENCES, [], [FIVE, NINE])
        assert (found and found.low) == (worth and worth.amount_min)


def test_members_of_an_alliance_whose_legs_are_told_are_no_partners_for_that() -> None:
    both = replace(deal("", "", "partnership"), parties=("A", "B"))
    legs = [deal("A", "C"), deal("C", "B", "purchase")]
    assert is_membership(both, [*legs, both], "ABC")
    assert not is_membership(both, [*legs, both], "AB")
    assert not is_membership(both, [legs[0], both], "ABC")
    assert not is_membership(both, [*legs, deal("A", "B", "purchase"), both], "ABC")
    assert not is_membership(replace(both, parties=("A", "B", "C")), legs, "ABC")
