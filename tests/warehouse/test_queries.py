"""Named queries: what they leave out, in which order they answer, and what users' SQL may not do."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dealwire.warehouse import load, queries
from dealwire.warehouse.connect import Warehouse
from schemas import Feed
from schemas.errors import QueryFailed, WarehouseMissing
from tests.warehouse import samples
from tests.warehouse.samples import BILLION, NOW


def test_feeds_come_back_as_they_were_stored(warehouse: Warehouse) -> None:
    feed = Feed(
        feed_id="f", url="https://x.example", title="Ünï", added_at=NOW, next_due_at=NOW, failures=2, etag='"1"'
    )
    with warehouse.write() as con:
        load.store_feeds(con, [feed])
        assert queries.feeds(con) == [feed]


def test_a_feed_is_due_at_its_time_and_not_while_it_is_paused(warehouse: Warehouse) -> None:
    def feed(name: str, **fields: Any) -> Feed:
        return Feed(feed_id=name, url=f"https://{name}.example", added_at=NOW, **fields)

    later = NOW + timedelta(seconds=1)
    feeds = [feed("new"), feed("now", next_due_at=NOW), feed("later", next_due_at=later), feed("off", paused=True)]
    with warehouse.write() as con:
        load.store_feeds(con, feeds)
        assert [one.feed_id for one in queries.due_feeds(con, NOW)] == ["new", "now"]
        assert {one.feed_id for one in queries.due_feeds(con, None)} == {"new", "now", "later"}


def test_unread_articles_are_those_still_pending_with_tries_left(warehouse: Warehouse) -> None:
    tried = {
        name: samples.article("x.example", name, read_status="pending", read_attempts=n) for n, name in enumerate("abc")
    }
    done = samples.article("x.example", "d", "Read.")
    failed = samples.article("x.example", "e", read_status="failed", read_attempts=1)
    with warehouse.write() as con:
        load.store_articles(con, [*tried.values(), done, failed])
        assert {one.title for one in queries.unread(con, None, 2)} == {"a", "b"}
        assert len(queries.unread(con, 1, 3)) == 1


@pytest.mark.both_backends
def test_claims_come_back_whole_with_a_date_never_in_the_future(warehouse: Warehouse) -> None:
    dated = samples.FIRST
    undated = samples.SECOND.model_copy(update={"published_at": None})
    future = samples.THIRD.model_copy(update={"published_at": datetime(2099, 1, 1, tzinfo=UTC)})
    with warehouse.write() as con:
        load.store_articles(con, [dated, undated, future])
        load.store_outcomes(con, samples.OUTCOMES[:3])
        claims = queries.claims(con)
    assert {one.article_id: one.published_at for one in claims} == {
        dated.article_id: dated.published_at,
        undated.article_id: NOW,
        future.article_id: NOW,
    }
    one = next(one for one in claims if one.article_id == undated.article_id)
    assert type(one).model_validate(one.model_dump()) == one
    assert (one.kind, one.payers, one.amount_min, one.amount_max) == ("purchase", ("OpenAI",), None, 90 * BILLION)
    assert (one.site, one.title, one.confidence) == ("paper.example", "AMD sells to OpenAI", 0.8)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["a-zeta", "a-gamma", "a-amd"]),
        ({"since": date(2025, 11, 16)}, ["a-zeta", "a-gamma"]),
        ({"party": "openai"}, ["a-amd"]),
        ({"party": "open"}, []),
        ({"kind": "purchase"}, ["a-zeta", "a-amd"]),
        ({"status": "planned"}, ["a-gamma"]),
        ({"kind": "purchase", "status": "planned"}, []),
        ({"min_usd": 3 * BILLION}, ["a-amd"]),
        ({"limit": 1}, ["a-zeta"]),
    ],
)
def test_alliances_are_filtered_and_come_newest_first(
    filled: Warehouse, asked: dict[str, Any], found: list[str]
) -> None:
    with filled.read() as con:
        assert [row["alliance_id"] for row in queries.alliances(con, **asked)] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"party": "ALPHA"}, ["d-round", "d-cloud"]),
        ({"party": "Gamma"}, ["d-talks"]),
        ({"kind": "investment", "since": date(2025, 11, 18)}, ["d-round"]),
        ({"status": "planned"}, ["d-talks"]),
        ({"min_usd": 2 * BILLION}, ["d-round", "d-chips"]),
    ],
)
def test_deals_are_filtered_and_come_newest_first(filled: Warehouse, asked: dict[str, Any], found: list[str]) -> None:
    with filled.read() as con:
        assert [row["deal_id"] for row in queries.deals(con, **asked)] == found


def test_the_evidence_of_a_deal_is_every_sentence_the_best_first(filled: Warehouse) -> None:
    with filled.read() as con:
        found = queries.evidence_of(con, "d-chips")
    assert [(row["site"], row["best"], row["extractor"]) for row in found] == [
        ("paper.example", True, "deals"),
        ("wire.example", False, "deals"),
    ]
    assert found[1]["evidence"] == "OpenAI will buy 6 GW of AMD MI450 chips."


@pytest.mark.both_backends
def test_companies_are_counted(filled: Warehouse) -> None:
    with filled.read() as con:
        found = {row["name"]: row for row in queries.companies(con)}
        assert [row["name"] for row in queries.companies(con, name="open")] == ["OpenAI"]
    assert (found["OpenAI"]["mentions"], found["OpenAI"]["articles"], found["OpenAI"]["deals"]) == (2, 2, 2)
    assert "Dormant" not in found


def test_an_article_is_found_by_the_beginning_of_its_id(filled: Warehouse) -> None:
    with filled.read() as con:
        found = queries.article(con, samples.SECOND.article_id[:8])
        assert found
        assert (found["title"], found["text"]) == (samples.SECOND.title, samples.SECOND.text)
        assert queries.article(con, "no such id") is None
        with pytest.raises(QueryFailed, match="several"):
            queries.article(con, "")
        assert [row["kind"] for row in queries.claims_of(con, samples.THIRD.article_id)] == ["investment", "purchase"]
        mentions = queries.mentions_of(con, samples.SECOND.article_id)
        assert ("MONEY", "$90 billion", 1) in [(row["label"], row["entity"], row["mentions"]) for row in mentions]
        assert queries.articles(con)[-1]["title"] == samples.FIRST.title


def test_sql_answers_with_columns_and_rows(filled: Warehouse) -> None:
    columns, found = queries.run_sql(filled, "FROM deals SELECT kind, count(*) AS n GROUP BY 1 ORDER BY 1;")
    assert columns == ["kind", "n"]
    assert found == [("investment", 2), ("partnership", 1), ("purchase", 2)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM deals", 'Referenced column "nothing" not found'),
        ("SELECT * FROM nowhere", "nowhere does not exist"),
        ("", "0 statements"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DELETE FROM deals", "changes nothing"),
        ("DROP TABLE deals", "changes nothing"),
        ("COPY deals TO '/tmp/deals.csv'", "changes nothing"),
        ("ATTACH '/tmp/other.duckdb'", "changes nothing"),
        ("SET enable_external_access = true", "changes nothing"),
        ("INSTALL httpfs", "changes nothing"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("FROM '/etc/passwd.csv'", "disabled by configuration"),
        ("SELECT * FROM read_text('/etc/hostname')", "disabled by configuration"),
        ("FROM enable_logging('QueryLog', storage='file', storage_config={'path': '/tmp/x'})", "not allowed"),
        ('FROM "Enable_Logging"()', "not allowed"),
    ],
)
def test_sql_that_fails_or_reaches_out_is_refused_in_one_line(filled: Warehouse, query: str, told: str) -> None:
    with pytest.raises(QueryFailed, match=told) as caught:
        queries.run_sql(filled, query)
    assert "\n" not in str(caught.value)


@pytest.mark.file_only
def test_sql_without_a_database_says_so(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseMissing):
        queries.run_sql(warehouse, "SELECT 1")


def test_asking_needs_no_heavy_import() -> None:
    heavy = ["spacy", "prefect", "trafilatura", "pyarrow", "pandas", "numpy", "httpx"]
    code = f"import sys, dealwire.warehouse.queries; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
