"""What came before: earlier deals of the same companies, and earlier alliances of the same parties."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dealwire import relink
from dealwire.warehouse import load
from dealwire.warehouse.connect import Warehouse
from schemas import DealClaim
from tests.warehouse.samples import BILLION, DEALS, NOW, Outcome, article, find

TELLINGS = (
    (0, "Zeta raises money", "Alpha, Beta and Gamma put $6 billion into Zeta.", "Alpha;Beta;Gamma", "Zeta", 6),
    (1, "Beta's own", "Beta put in $2 billion of Zeta's round.", "Beta", "Zeta", 2),
    (60, "More chips", "Delta orders $1 billion of chips from Epsilon.", "Delta", "Epsilon", 1),
    (300, "Still more chips", "Delta expands its order with Epsilon by $4 billion.", "Delta", "Epsilon", 4),
    (500, "A part is paid", "Delta pays Epsilon $9 billion in a first tranche.", "Delta", "Epsilon", 9),
    (900, "Another order", "Delta orders $30 billion of chips from Epsilon.", "Delta", "Epsilon", 30),
)


@pytest.fixture
def told(tmp_path: Path) -> Warehouse:
    store = Warehouse(tmp_path / "news.duckdb")
    with store.write() as con:
        for days, title, words, payers, payee, billions in TELLINGS:
            when = NOW - timedelta(days=1000 - days)
            one = article("wire.example", title, words, published_at=when)
            kind = "investment" if payee == "Zeta" else "purchase"
            bounds = {"currency": "USD", "amount_min": billions * BILLION, "amount_max": billions * BILLION}
            claim = find(DealClaim, one, words, kind=kind, payers=tuple(payers.split(";")), payees=(payee,), **bounds)
            load.store_articles(con, [one])
            load.store_outcomes(con, [(one.article_id, [Outcome(DEALS, (claim,))])])
    relink.relink(store)
    return store


def asked(store: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with store.read() as con:
        return con.execute(query).fetchall()


def test_a_later_deal_of_the_same_companies_says_what_it_is_to_the_earlier(told: Warehouse) -> None:
    found = asked(
        told,
        "SELECT usd_max::BIGINT // 1_000_000_000, related_usd_max::BIGINT // 1_000_000_000, relation, days "
        "FROM related_deals ORDER BY 1, 2",
    )
    assert found == [
        (2, 6, "share", 1),
        (4, 1, "expansion", 240),
        (9, 1, "tranche", 440),
        (9, 4, "tranche", 200),
        (30, 1, "earlier", 840),
        (30, 4, "earlier", 600),
        (30, 9, "earlier", 400),
    ]


def test_alliances_of_the_same_parties_are_related(told: Warehouse) -> None:
    found = asked(told, "SELECT shared, count(*) FROM related_alliances GROUP BY ALL ORDER BY ALL")
    assert found == [(["Beta", "Zeta"], 1), (["Delta", "Epsilon"], 6)]
