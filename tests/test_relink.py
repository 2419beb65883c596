"""Linking only what has changed gives what linking everything would."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire import relink
from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.warehouse import linked, load, queries
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.migrate import bring_up_to_date
from schemas import Article, DealClaim, DealKind, DealStatus, content_id
from tests.linking.conftest import DAY
from tests.warehouse.samples import DEALS, Outcome

RATES = Rates.load()
TABLES = ("deals", "deal_sources", "deal_history", "alliances")
companies = st.sampled_from(["Nvidia", "OpenAI", "Oracle", "Google Cloud", "Alphabet", "Anthropic"])
sums = st.sampled_from([None, 1, 1.02, 2, 30])


@st.composite
def claims(draw: st.DrawFn) -> DealClaim:
    kind = draw(st.sampled_from([DealKind.INVESTMENT, DealKind.PURCHASE, DealKind.PARTNERSHIP]))
    one, *more = draw(st.lists(companies, min_size=2, max_size=3, unique=True))
    value = draw(sums)
    bound = None if value is None else int(value * 10**9)
    return DealClaim(
        start=(start := draw(st.sampled_from([0, 50, 400]))),
        end=start + 40,
        kind=kind,
        status=draw(st.sampled_from(DealStatus)),
        payers=tuple(more) if kind.directed else (),
        payees=(one,) if kind.directed else (),
        parties=() if kind.directed else (one, *more),
        currency=None if bound is None else draw(st.sampled_from(["USD", "EUR"])),
        amount_min=bound,
        amount_max=bound,
        confidence=0.7,
    )


steps = st.lists(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from([0, 2, 4, 9, 130, 600]), st.lists(claims(), max_size=3)),
             min_size=1, max_size=4),
    min_size=2,
    max_size=5,
)  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        bring_up_to_date(con, Path("memory"))
        con.execute("SET TimeZone = 'UTC'")
        load.store_rates(con, RATES.rows())
        yield con


@settings(max_examples=30)
@given(steps)
def test_linking_what_has_changed_gives_what_linking_all_gives(
    con: duckdb.DuckDBPyConnection, told: list[list[tuple[int, int, list[DealClaim]]]]
) -> None:
    con.begin()
    try:
        for articles in told:
            # Of those of one number the last one counts. To store them one after the other takes far longer.
            _tell_all(con, {number: (day, found) for number, day, found in articles})
            report = relink.update(con, RATES)
            expected = link(queries.claims(con), rates=RATES)
            assert {table: _rows(con, table) for table in TABLES} == {
                "deals": {deal.deal_id: deal.model_dump() for deal in expected.deals},
                "deal_sources": {(one.deal_id, one.claim_id): one.model_dump() for one in expected.sources},
                "deal_history": {(one.deal_id, one.status, one.since): one.model_dump() for one in expected.history},
                "alliances": {one.alliance_id: one.model_dump() for one in expected.alliances},
            }
            assert report is not None
            assert (report.deals, report.alliances) == (len(expected.deals), len(expected.alliances))
            assert linked.changed(con) == ({}, set())
    finally:
        con.rollback()


def test_nothing_is_linked_again_when_nothing_has_changed(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _linked(store, 0)
    assert (first.new_deals, first.deals) == (1, 1)
    monkeypatch.setattr(relink, "settle", lambda *_, **__: pytest.fail("linked again"))
    monkeypatch.setattr(relink, "links", lambda *_, **__: pytest.fail("linked again"))
    again = relink.relink(store)
    assert again == first.model_copy(update={"new_deals": 0, "new_alliances": 0})


def test_one_more_article_leaves_other_deals_alone(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    _linked(store, 0)
    seen: list[int] = []
    monkeypatch.setattr(relink, "links", lambda *_, **__: pytest.fail("all was linked"))
    with store.write() as con:
        _tell(con, 1, 3, [_deal("Oracle", "OpenAI")])
    report = relink.relink(store, seen.append)
    assert seen == [1]
    assert (report.claims, report.deals, report.new_deals) == (2, 2, 1)


def test_other_rates_link_everything_again(store: Warehouse) -> None:
    _linked(store, 0)
    with store.write() as con:
        load.store_rates(con, [{"currency": "USD", "day": DAY.date(), "usd": 0.5}])
    seen: list[int] = []
    relink.relink(store, seen.append)
    assert seen == [1]
    with store.read() as con:
        assert con.execute("SELECT usd_max FROM deals").fetchall() == [(5 * 10**8,)]


def test_other_rules_link_everything_again(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    _linked(store, 0)
    monkeypatch.setattr(relink, "_code", lambda: "another version")
    seen: list[int] = []
    relink.relink(store, seen.append)
    assert seen == [1]


def test_when_much_has_changed_the_warehouse_is_let_go_meanwhile(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    _linked(store, 0)
    monkeypatch.setattr(relink, "MANY", 0)
    with store.write() as con:
        _tell(con, 1, 3, [_deal("Oracle", "OpenAI")])

    def looking(claims: int) -> None:
        with store.read() as con:
            assert con.execute("SELECT count(*) FROM deals").fetchone() == (1,)

    assert relink.relink(store, looking).deals == 2


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "news.duckdb")


def _linked(store: Warehouse, number: int) -> "relink.LinkReport":
    with store.write() as con:
        _tell(con, number, 0, [_deal("Nvidia", "Anthropic")])
    return relink.relink(store)


def _deal(payer: str, payee: str) -> DealClaim:
    return DealClaim(
        start=0, end=40, kind=DealKind.INVESTMENT, payers=(payer,), payees=(payee,), currency="USD",
        amount_min=10**9, amount_max=10**9,
    )  # fmt: skip


def _tell(con: duckdb.DuckDBPyConnection, number: int, day: int, found: list[DealClaim]) -> None:
    _tell_all(con, {number: (day, found)})


def _tell_all(con: duckdb.DuckDBPyConnection, told: dict[int, tuple[int, list[DealClaim]]]) -> None:
    """Articles by their numbers, each of a day and with the claims in it."""
    articles, outcomes = [], []
    for number, (day, found) in told.items():
        url = f"https://site{number % 3}.example/{number}"
        when = DAY + timedelta(days=day)
        article = Article(
            article_id=content_id(url), url=url, site=url.split("/")[2], title="Nvidia and OpenAI", text="x" * 500,
            published_at=when, first_seen_at=when, read_status="page",
        )  # fmt: skip
        articles.append(article)
        outcomes.append((article.article_id, (replace(Outcome(DEALS), records=found),)))
    load.store_articles(con, articles)
    load.store_outcomes(con, outcomes)


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> dict[object, dict[str, object]]:
    key = {"deals": ("deal_id",), "alliances": ("alliance_id",), "deal_sources": ("deal_id", "claim_id")}
    done = con.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in done.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
    for row in rows:
        row |= {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    found = {tuple(row[name] for name in key.get(table, ("deal_id", "status", "since"))): row for row in rows}
    assert len(found) == len(rows)
    return {next(iter(name)) if len(name) == 1 else name: row for name, row in found.items()}


def test_memory_is_swept_again_after_linking_even_if_it_fails(tmp_path: Path) -> None:
    store = Warehouse(tmp_path / "w.duckdb")
    with store.write() as con:
        bring_up_to_date(con, store.path)

    def broken(_claims: int) -> None:
        assert not gc.isenabled()
        raise RuntimeError

    for begun in (broken, lambda _claims: None):
        try:
            relink.relink(store, begun)
        except RuntimeError:
            assert begun is broken
        else:
            assert begun is not broken
        assert gc.isenabled()
