"""Storing: nothing twice, nothing stale, nothing lost."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.warehouse import ledger, linked, load, migrate, queries
from dealwire.warehouse.connect import Warehouse
from schemas import Links, Polled
from schemas.feed import PollStatus
from tests.warehouse import samples

pytestmark = pytest.mark.both_backends

TABLES = (
    *("feeds", "polls", "entries", "articles", "company_mentions", "deal_claims", "companies"),
    *("deals", "deal_sources", "deal_history", "alliances"),
)


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.read() as con:
        return con.execute(query).fetchall()


def test_storing_the_same_again_changes_no_table(filled: Warehouse) -> None:
    before = {table: sorted(map(str, rows(filled, f"FROM {table}"))) for table in TABLES}
    with filled.write() as con:
        claims = con.execute("SELECT article_id, kind, record_id FROM deal_claims").fetchall()
        load.store_articles(con, samples.ARTICLES * 2)
        load.store_outcomes(con, samples.OUTCOMES)
        load.store_links(con, samples.links({(where, kind): claim for where, kind, claim in claims}))
        load.refresh_names(con, samples.CATALOGUE, [], [])
    assert {table: sorted(map(str, rows(filled, f"FROM {table}"))) for table in before} == before


def test_a_listed_article_is_stored_once_however_many_feeds_list_it(warehouse: Warehouse) -> None:
    one, two = samples.polled(1, samples.FIRST), samples.polled(2, samples.FIRST, samples.SECOND)
    listed = [
        ("feed-1", one.entries[0], samples.FIRST),
        ("feed-2", two.entries[0], samples.FIRST),
        ("feed-2", two.entries[1], samples.SECOND),
        ("feed-2", two.entries[1], samples.SECOND),
    ]
    with warehouse.write() as con:
        load.store_feeds(con, [one.feed, two.feed])
        assert load.store_polled(con, [one, two], listed) == 2
        assert load.store_polled(con, [one], listed[:1]) == 0
    assert rows(warehouse, "SELECT feed_id, count(*) FROM entries GROUP BY ALL ORDER BY ALL") == [
        ("feed-1", 1),
        ("feed-2", 2),
    ]
    assert rows(warehouse, "SELECT feed_id, new FROM polls ORDER BY ALL") == [
        ("feed-1", 0),
        ("feed-1", 1),
        ("feed-2", 2),
    ]


def test_polling_again_keeps_what_was_read(filled: Warehouse) -> None:
    visit = samples.polled(1, samples.FIRST)
    unread = samples.FIRST.model_copy(update={"text": None, "read_status": "pending"})
    with filled.write() as con:
        assert load.store_polled(con, [visit], [("feed-1", visit.entries[0], unread)]) == 0
        found = queries.article(con, samples.FIRST.article_id)
    assert found
    assert found["text"] == samples.FIRST.text


def test_a_feed_removed_or_paused_while_it_was_polled_stays_so(filled: Warehouse) -> None:
    with filled.write() as con:
        load.remove_feed(con, "feed-1")
        paused = next(feed for feed in queries.feeds(con) if feed.feed_id == "feed-2")
        load.store_feeds(con, [paused.model_copy(update={"paused": True})])
        load.store_polled(con, [samples.polled(1), samples.polled(2)], [])
        assert {feed.feed_id: feed.paused for feed in queries.feeds(con)} == {"feed-2": True, "feed-3": False}


@pytest.mark.parametrize("status", ["not_modified", "retry", "gone"])
def test_a_visit_without_news_changes_what_it_tells_and_nothing_else(filled: Warehouse, status: PollStatus) -> None:
    at = datetime(2030, 1, 2, tzinfo=UTC)
    visit = samples.polled(1)
    told = {
        "last_polled_at": at, "next_due_at": at, "unchanged": 3, "failures": 2, "last_error": "né", "gone_at": at,
        "failing_since": at, "etag": '"2"', "full_at": at, "frozen": True, "trust": 4, "quiet_polls": 7,
        "moved_to": "https://there.example/", "moved_seen": 2, "url": "https://other.example/feed",
    }  # fmt: skip
    with filled.write() as con:
        stored = next(feed for feed in queries.feeds(con) if feed.feed_id == "feed-1")
        # Somebody else files it elsewhere while it is polled.
        load.store_feeds(con, [stored.model_copy(update={"folder": "chips", "skip_hours": (3,), "listed": 20})])
        poll = visit.poll.model_copy(update={"status": status})
        load.store_polled(con, [Polled(poll=poll, feed=stored.model_copy(update=told))], [])
        found = next(feed for feed in queries.feeds(con) if feed.feed_id == "feed-1")
    assert found == stored.model_copy(update=told | {"folder": "chips", "skip_hours": (3,), "listed": 20})


def test_a_new_version_replaces_the_rows_of_the_old_one(filled: Warehouse) -> None:
    newer = replace(samples.COMPANIES, version="2")
    with filled.write() as con:
        load.store_outcomes(
            con, [(samples.FIRST.article_id, [samples.Outcome(newer, (samples.company(samples.FIRST, "AMD"),))])]
        )
        found = con.execute(
            "SELECT name, version FROM company_mentions WHERE article_id = ?", [samples.FIRST.article_id]
        ).fetchall()
        others = con.execute("SELECT DISTINCT version FROM company_mentions WHERE name = 'OpenAI'").fetchall()
    assert found == [("AMD", "2")]
    assert others == [("1",)]


def test_a_failed_extraction_is_in_the_ledger_and_what_an_earlier_version_found_in_that_text_stays(
    filled: Warehouse,
) -> None:
    broken = samples.Outcome(replace(samples.COMPANIES, version="2"), error="IndexError: list index out of range")
    query = "SELECT name, version FROM company_mentions WHERE article_id = ? ORDER BY name"
    with filled.write() as con:
        for _ in range(2):
            load.store_outcomes(con, [(samples.FIRST.article_id, [broken])])
            found = con.execute(query, [samples.FIRST.article_id]).fetchall()
            assert found == [("AMD", "1"), ("OpenAI", "1")]
        failed = con.execute("SELECT extractor, error FROM extractions WHERE status = 'failed' ORDER BY ALL").fetchall()
    assert failed == [("chips", "ValueError: a broken rule"), ("companies", "IndexError: list index out of range")]


def test_a_failed_extraction_leaves_no_rows_whose_evidence_stood_in_another_text(filled: Warehouse) -> None:
    broken = samples.Outcome(samples.COMPANIES, error="IndexError: list index out of range")
    with filled.write() as con:
        load.store_articles(con, [samples.FIRST.model_copy(update={"text": "Another text.", "text_hash": None})])
        load.store_outcomes(con, [(samples.FIRST.article_id, [broken])])
        assert not con.execute("FROM company_mentions WHERE article_id = ?", [samples.FIRST.article_id]).fetchall()


def test_a_number_no_column_can_hold_costs_that_article_its_records_and_no_other(filled: Warehouse) -> None:
    huge = samples.find(samples.MoneyMention, samples.FIRST, "6 GW", currency="USD", amount_min=Decimal(10) ** 40)
    fine = samples.find(
        samples.MoneyMention, samples.SECOND, "$90 billion", currency="EUR", amount_min=Decimal("1.005")
    )
    with filled.write() as con:
        load.store_outcomes(
            con,
            [
                (samples.FIRST.article_id, [samples.Outcome(samples.MONEY, (huge,))]),
                (samples.SECOND.article_id, [samples.Outcome(samples.MONEY, (fine,))]),
            ],
        )
        assert con.execute("SELECT amount_min FROM money_mentions WHERE currency = 'EUR'").fetchone() == (
            Decimal("1.00"),
        )
        assert con.execute(
            "SELECT status, error FROM extractions WHERE extractor = 'money' AND article_id = ?",
            [samples.FIRST.article_id],
        ).fetchone() == ("failed", f"{Decimal(10) ** 40} does not fit DECIMAL(38,2)")


def test_linking_anew_leaves_nothing_of_the_old_deals(filled: Warehouse) -> None:
    kept = samples.deal("d-cloud", "a-zeta", "purchase", payers=("Zeta",), payees=("Alpha",))
    with filled.write() as con:
        load.store_links(con, Links(deals=(kept,), sources=(), history=(), alliances=()))
    assert rows(filled, "SELECT deal_id, usd_max FROM deals") == [("d-cloud", None)]
    assert all(not rows(filled, f"FROM {table}") for table in ("deal_sources", "deal_history", "alliances"))


def test_names_are_the_catalogues_and_the_discovered_with_first_and_last_seen(filled: Warehouse) -> None:
    found = rows(filled, "SELECT company_id, known, kind, aliases, first_seen, last_seen FROM companies ORDER BY 1")
    by_id = {row[0]: row[1:] for row in found}
    early, late = samples.NOW - timedelta(days=3), samples.NOW - timedelta(days=2)
    assert by_id["openai"] == (True, "lab", ["Open AI"], early, late)
    assert by_id["dormant"] == (True, "lab", None, None, None)
    assert by_id["zeta"][0] is False
    assert rows(filled, "SELECT name, vendor, known FROM chips") == [("AMD Instinct MI450", "AMD", False)]


def test_the_ledger_gives_what_a_version_has_not_read_yet(filled: Warehouse) -> None:
    with filled.write() as con:
        assert ledger.stale(con, samples.VERSIONS, 10) == []
        new = [ledger.Version("deals", "2"), ledger.Version("money", "1")]
        assert (ledger.stale_count(con, new), ledger.stale_by_extractor(con, new)) == (4, {"deals": 4})
        assert len(ledger.stale(con, new, 3)) == 3
        changed = samples.SECOND.model_copy(update={"text": "AMD sells nothing", "text_hash": None})
        before = linked.fingerprints(con)
        load.store_articles(con, [changed])
        names = tuple(one.name for one in samples.VERSIONS)
        assert ledger.stale(con, samples.VERSIONS, 10) == [(changed.article_id, "AMD sells nothing", names)]
        assert linked.fingerprints(con) != before
        counts = {row["extractor"]: row for row in ledger.counts(con)}
    assert (counts["chips"]["articles"], counts["chips"]["failed"], counts["deals"]["records"]) == (3, 1, 6)


def test_the_fingerprints_change_with_the_claims_alone(filled: Warehouse) -> None:
    with filled.write() as con:
        before = linked.fingerprints(con)
        load.store_outcomes(con, samples.OUTCOMES)
        load.store_articles(con, [samples.article("x.example", "No deal here", "Nothing at all.")])
        assert linked.fingerprints(con) == before
        load.store_outcomes(con, [(samples.FIRST.article_id, [samples.Outcome(samples.DEALS)])])
        assert linked.fingerprints(con) != before


@pytest.fixture(scope="module")
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory; roll back what is done to it."""
    with duckdb.connect() as con:
        migrate.bring_up_to_date(con, "memory")
        yield con


@given(text=st.text(st.characters(codec=None), min_size=1, max_size=40), data=st.data())
@settings(deadline=None, max_examples=40)
def test_evidence_is_cut_by_code_points_whatever_the_text(
    memory: duckdb.DuckDBPyConnection, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    one = samples.article("x.example", "t").model_copy(update={"text": text})
    found = samples.CompanyMention(start=start, end=end, company_id="x", name="x", known=False)
    memory.begin()
    try:
        load.store_articles(memory, [one])
        load.store_outcomes(memory, [(one.article_id, [samples.Outcome(samples.COMPANIES, (found,))])])
        cut = memory.execute("SELECT text FROM mentions").fetchall()
    finally:
        memory.rollback()
    # A lone surrogate cannot be stored; a question mark keeps its place.
    assert cut == [("".join("?" if "\ud800" <= c <= "\udfff" else c for c in text[start:end]),)]


@pytest.mark.parametrize("text", ["a🤝b👩🏽‍🚀c", "e\u0301 e\u0301x", "𝔸𝔹 🇩🇪🇫🇷", "नमस्ते 1"])
def test_astral_characters_and_combining_marks_count_one_each(warehouse: Warehouse, text: str) -> None:
    one = samples.article("x.example", "t").model_copy(update={"text": text})
    found = [
        samples.CompanyMention(start=at, end=at + 1, company_id="x", name="x", known=False) for at in range(len(text))
    ]
    with warehouse.write() as con:
        load.store_articles(con, [one])
        load.store_outcomes(con, [(one.article_id, [samples.Outcome(samples.COMPANIES, found)])])
        assert [row[0] for row in con.execute("SELECT text FROM mentions ORDER BY start_char").fetchall()] == list(text)


def test_a_thousand_articles_with_twenty_thousand_mentions_are_stored_in_seconds(warehouse: Warehouse) -> None:
    articles = [samples.article("x.example", f"Story {n}", "word " * 600) for n in range(1000)]
    found = [
        samples.CompanyMention(start=n, end=n + 4, company_id=f"c{n}", name=f"C{n}", known=True) for n in range(20)
    ]
    outcomes = [(one.article_id, [samples.Outcome(samples.COMPANIES, found)]) for one in articles]
    with warehouse.write():
        """Make the file first; what is timed is the loading."""
    started = time.process_time()
    with warehouse.write() as con:
        load.store_articles(con, articles)
        load.store_outcomes(con, outcomes)
    assert time.process_time() - started < 4
    assert rows(warehouse, "SELECT count(*) FROM mentions") == [(20_000,)]


ROWS = [
    {
        "feed_id": f"f{number}", "url": text, "added_at": datetime(2025, 11, 18, 15, 30, 0, 123456, tzinfo=UTC),
        "gap_seconds": gap, "headers": headers, "skip_days": (0, 6), "paused": number == 1, "failures": number,
        "title": None,
    }
    for number, (text, gap, headers) in enumerate(
        [
            ("plain", 0.1, ()), ('"quoted" \\ \n\t', 1e300, ("a", 'b"')), ("Grüße \U0001f680 會", None, ()),
            ("\ud800x", -0.0, ("é",)),
        ]
    )
]  # fmt: skip


def test_few_rows_go_in_as_many_do(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = []
    for few, at_a_time in ((0, 1000), (1000, 1000), (1000, 3)):
        monkeypatch.setattr(load, "_FEW", few)
        monkeypatch.setattr(load, "_SLICE", at_a_time)
        for key in (["feed_id"], []):
            with warehouse.write() as con:
                con.execute("DELETE FROM feeds")
                load.put(con, "feeds", ROWS, key=key)
            stored.append(rows(warehouse, "FROM feeds ORDER BY feed_id"))
    assert all(one == stored[0] for one in stored)
    assert len(stored[0]) == 4


def test_bytes_go_in_however_few(warehouse: Warehouse) -> None:
    page = {"article_id": "a", "url": "u", "content_type": None, "fetched_at": datetime.now(UTC), "body": b"\x00\xff"}
    with warehouse.write() as con:
        load.put(con, "pages", [page], key=["article_id"])
    assert rows(warehouse, "SELECT body FROM pages") == [(b"\x00\xff",)]
