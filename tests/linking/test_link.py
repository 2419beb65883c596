"""Linking: one deal however often it is told, one alliance however many legs it has."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from schemas import Links, StoredClaim
from tests.linking.conftest import DAY, claim

RATES = Rates.load()
TITLE = "Anthropic orders Azure while Nvidia and Microsoft buy in"


def linked(*claims: StoredClaim) -> Links:
    return link(claims, rates=RATES)


def legs(article: str, **more: object) -> list[StoredClaim]:
    """The four legs and the partnership of 18 November 2025, as one outlet tells them."""
    return [
        claim("Anthropic", "Microsoft", "purchase", exact=30e9, article=article, at=0, title=TITLE, **more),  # type: ignore[arg-type]
        claim("NVIDIA", "Anthropic", up_to=10e9, article=article, at=200, title=TITLE, **more),  # type: ignore[arg-type]
        claim("Microsoft", "Anthropic", up_to=5e9, article=article, at=200, title=TITLE, **more),  # type: ignore[arg-type]
        claim("Anthropic", "NVIDIA", "purchase", capacity_mw_max=1000, article=article, at=400, title=TITLE, **more),  # type: ignore[arg-type]
        claim("NVIDIA", "Anthropic", "partnership", article=article, at=600, title=TITLE, **more),  # type: ignore[arg-type]
    ]


def test_no_claims_make_nothing() -> None:
    assert linked() == Links(deals=(), sources=(), history=(), alliances=())


def test_three_outlets_make_one_alliance_of_five_deals_with_three_sources() -> None:
    found = linked(*legs("a"), *legs("b", day=0.2), *legs("c", day=1))
    assert len(found.deals) == 5
    assert {deal.sources for deal in found.deals} == {3}
    (alliance,) = found.alliances
    assert set(alliance.parties) == {"Anthropic", "Microsoft", "NVIDIA"}
    assert (alliance.sources, alliance.deals, alliance.usd_max) == (3, 5, Decimal(45_000_000_000))
    assert "$30B purchase" in alliance.title
    assert "up to $15B invested" in alliance.title
    assert sum(one.best for one in found.sources) == 5


def test_a_total_beside_its_parts_is_counted_once() -> None:
    both = ("Microsoft", "NVIDIA")
    found = linked(*legs("a"), claim(both, "Anthropic", up_to=15e9, article="b", title=TITLE))
    assert len(found.deals) == 5
    (alliance,) = found.alliances
    assert alliance.usd_max == Decimal(45_000_000_000)
    assert {one.deal_id for one in found.sources} == {deal.deal_id for deal in found.deals}
    assert {one.deal_id for one in found.history} == {deal.deal_id for deal in found.deals}


def test_a_round_with_one_investors_own_sum_stays() -> None:
    round_ = ("Accel", "Coatue", "NVIDIA")
    found = linked(
        claim(round_, "Anysphere", exact=2.3e9), claim("NVIDIA", "Anysphere", exact=0.5e9, at=300),
        claim("Accel", "Anysphere", exact=0.1e9, at=500),
    )  # fmt: skip
    assert len(found.deals) == 3


def test_a_deal_told_as_background_is_not_pulled_in() -> None:
    found = linked(*legs("a"), claim("Amazon", "Anthropic", exact=8e9, article="a", at=2500, title=TITLE))
    by_size = sorted(len(one.parties) for one in found.alliances)
    assert by_size == [2, 3]


def test_unrelated_items_of_a_round_up_stay_apart() -> None:
    found = linked(
        claim("MGX", "Aligned", "acquisition", exact=40e9, at=0, title="The week"),
        claim("OpenAI", "Broadcom", "purchase", at=900, title="The week"),
        claim("SoftBank", "Ampere", "acquisition", exact=6.5e9, at=2000, title="The week"),
    )
    assert len(found.alliances) == 3


def test_conflicting_amounts_of_one_day_are_one_deal_that_says_so() -> None:
    found = linked(
        claim("Meta", "Scale AI", exact=14.3e9, article="a"),
        claim("Meta", "Scale AI", exact=14.3e9, article="b"),
        claim("Meta", "Scale AI", exact=15.6e9, article="c", day=1),
    )
    (deal,) = found.deals
    assert deal.amounts_disagree
    assert deal.amount_max == Decimal("14.3e9")
    assert deal.sources == 3


def test_talks_then_announcement_then_end_is_one_deal_with_a_history() -> None:
    found = linked(
        claim("Meta", "Scale AI", up_to=15e9, article="a", status="planned"),
        claim("Meta", "Scale AI", exact=14.3e9, article="b", day=5),
        claim("Meta", "Scale AI", exact=14.3e9, article="c", day=300, status="ended"),
        claim("Meta", "Scale AI", article="d", day=6, status="planned"),
    )
    (deal,) = found.deals
    assert deal.status == "ended"
    assert [one.status for one in found.history] == ["planned", "announced", "ended"]
    assert deal.announced_on == DAY.date()


def test_several_contracts_between_the_same_two_stay_several() -> None:
    sums = (11.9e9, 4e9, 6.5e9)
    found = linked(
        *(
            claim("OpenAI", "CoreWeave", "purchase", exact=value, day=100, article="z", at=i * 90)
            for i, value in enumerate(sums)
        ),
        claim("OpenAI", "CoreWeave", "purchase", exact=11.9e9, day=-240, article="a"),
        claim("OpenAI", "CoreWeave", "purchase", exact=4e9, day=-180, article="b"),
    )
    assert sorted(float(deal.amount_max or 0) for deal in found.deals) == sorted(sums)


def test_a_purchase_and_an_investment_between_the_same_two_are_two_deals() -> None:
    assert len(linked(claim("A", "B", exact=1e9), claim("A", "B", "purchase", exact=1e9)).deals) == 2


def test_an_article_that_names_only_the_lead_tells_the_same_round() -> None:
    found = linked(
        claim("ASML", "Mistral AI", exact=1.7e9, currency="EUR", article="a"),
        claim(("ASML", "DST Global"), "Mistral AI", exact=1.7e9, currency="EUR", article="b"),
        claim(("Index",), "Mistral AI", exact=2e9, currency="USD", article="c", day=1),
    )
    (deal,) = found.deals
    assert set(deal.payers) == {"ASML", "DST Global", "Index"}
    assert deal.currency == "EUR"


def test_a_unit_and_its_parent_are_one_side() -> None:
    assert len(linked(
        claim("OpenAI", "Amazon Web Services", "purchase", exact=38e9, article="a"),
        claim("OpenAI", "Amazon", "purchase", exact=38e9, article="b"),
    ).deals) == 1  # fmt: skip


def test_a_year_old_deal_told_again_with_its_sum_is_the_old_one() -> None:
    found = linked(
        claim("Google", "Wiz", "acquisition", exact=32e9, article="a"),
        claim("Google", "Wiz", "acquisition", exact=32e9, article="b", day=350),
    )
    assert len(found.deals) == 1
    assert found.deals[0].announced_on == DAY.date()


def test_syndicated_texts_count_as_one_article() -> None:
    (deal,) = linked(*(claim("A", "B", exact=1e9, article=name, text_hash="same") for name in "abc")).deals
    assert (deal.articles, deal.sources) == (1, 3)


def test_ids_stay_when_more_articles_arrive() -> None:
    before = linked(*legs("a"))
    after = linked(*legs("a"), *legs("b", day=1), claim("SoftBank", "OpenAI", exact=30e9, article="x", day=3))
    assert {deal.deal_id for deal in before.deals} <= {deal.deal_id for deal in after.deals}
    assert {one.alliance_id for one in before.alliances} <= {one.alliance_id for one in after.alliances}


names = st.sampled_from(["NVIDIA", "OpenAI", "Microsoft", "Anthropic", "Oracle"])
claims = st.builds(
    lambda payer, payee, kind, amount, day, article, at, status: claim(
        payer, payee, kind, exact=amount, day=day, article=f"{article}{day}", at=at, status=status
    ),
    names,
    names,
    st.sampled_from(["investment", "purchase", "partnership", "joint_venture", "acquisition"]),
    st.sampled_from([None, 1e9, 1.2e9, 5e9, 40e9]),
    st.integers(0, 400),
    st.sampled_from("abc"),
    st.integers(0, 2000),
    st.sampled_from(["planned", "announced", "ended"]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(claims, max_size=25, unique_by=lambda one: one.claim_id), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same(found: list[StoredClaim], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    one, other = linked(*found), linked(*shuffled)
    assert one == other
    assert len({deal.deal_id for deal in one.deals}) == len(one.deals)
    assert {deal.alliance_id for deal in one.deals} == {alliance.alliance_id for alliance in one.alliances}
    assert len(one.sources) == len({source.claim_id for source in one.sources})
    assert {source.deal_id for source in one.sources} == {deal.deal_id for deal in one.deals}


@pytest.mark.parametrize(
    ("amount", "currency", "usd"),
    [("100", "USD", "100.00"), ("100", "EUR", "113.00"), (None, "EUR", None), ("5", "XXX", None)],
)
def test_rates_turn_amounts_into_dollars(amount: str | None, currency: str, usd: str | None) -> None:
    found = RATES.usd(Decimal(amount) if amount else None, currency, DAY.date())
    assert found == (Decimal(usd) if usd else None)
