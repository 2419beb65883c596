"""What two extractors tell of one article is told once; what only one of them tells stays."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.linking.repeats import once
from schemas import DealKind, StoredClaim

RATES = Rates.load()


def claim(claim_id: str, extractor: str, **fields: Any) -> StoredClaim:
    facts: dict[str, Any] = {
        "kind": DealKind.INVESTMENT,
        "payers": ("NVIDIA",),
        "payees": ("OpenAI",),
        "article_id": "a",
        "confidence": 0.6,
        "start": 0,
        "end": 9,
        "title": "T",
        "site": "news.example",
        "url": "https://news.example/a",
        "published_at": datetime(2026, 1, 5, tzinfo=UTC),
    }
    return StoredClaim(claim_id=claim_id, extractor=extractor, **facts | fields)


def usd(number: int) -> dict[str, Any]:
    return {"currency": "USD", "amount_min": Decimal(number), "amount_max": Decimal(number)}


RULED, READ = "deals", "language_model"


@pytest.mark.parametrize(
    ("claims", "kept"),
    [
        ([claim("1", RULED), claim("2", READ)], ["1"]),
        ([claim("1", RULED, **usd(5)), claim("2", READ)], ["1"]),
        ([claim("1", RULED), claim("2", READ, **usd(5))], ["2"]),
        ([claim("1", RULED, **usd(5)), claim("2", READ, **usd(5))], ["1"]),
        ([claim("1", RULED, **usd(5)), claim("2", READ, **usd(9))], ["1", "2"]),
        ([claim("1", RULED), claim("2", READ, payers=("NVIDIA", "SoftBank"))], ["1"]),
        ([claim("1", RULED), claim("2", READ, payers=("SoftBank",))], ["1", "2"]),
        ([claim("1", RULED), claim("2", READ, kind=DealKind.ACQUISITION)], ["1", "2"]),
        ([claim("1", RULED), claim("2", READ, article_id="b")], ["1", "2"]),
        ([claim("1", RULED), claim("2", RULED)], ["1", "2"]),
        ([claim("1", READ), claim("2", READ, payees=("xAI",))], ["1", "2"]),
        ([], []),
    ],
)
def test_a_deal_is_one_claim_of_an_article(claims: list[StoredClaim], kept: list[str]) -> None:
    for order in permutations(claims):
        assert sorted(one.claim_id for one in once(order, RATES)) == kept


def test_repeats_make_no_second_deal() -> None:
    links = link([claim("1", RULED), claim("2", READ)], rates=RATES)
    assert [one.articles for one in links.deals] == [1]
    assert [one.claim_id for one in links.sources] == ["1"]


def test_what_can_make_no_deal_stands_in_for_none() -> None:
    links = link([claim("1", RULED), claim("2", READ, payers=(), **usd(5))], rates=RATES)
    assert [one.claim_id for one in links.sources] == ["1"]
