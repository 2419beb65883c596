"""What waits, how long news took, and the metrics that tell of it."""

from datetime import UTC, datetime, timedelta

import pytest

from dealwire import metrics, steps
from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.settings import Settings
from dealwire.warehouse import load, notes, queries
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.pending import Pending, lags, pending
from schemas import Feed
from tests.linking.conftest import claim
from tests.warehouse import samples

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)


def waiting(store: Warehouse, now: datetime = NOW) -> Pending:
    with store.read() as con:
        return pending(con, now=now, attempts=3, again_hours=6, extractors=samples.VERSIONS)


def test_what_waits_is_counted_by_step(filled: Warehouse) -> None:
    before = waiting(filled)
    assert (before.to_read, before.to_extract) == (0, 0)
    new = samples.article("x.example", "New", "Text.")
    unread = new.model_copy(update={"article_id": "u", "text": None, "text_hash": None, "read_status": "pending"})
    with filled.write() as con:
        load.store_articles(con, [new, unread])
    after = waiting(filled)
    assert (after.to_read, after.to_extract, after.to_send) == (1, 1, before.to_send + 1)


@pytest.mark.both_backends
def test_links_are_due_until_they_were_made_of_the_present_claims(filled: Warehouse) -> None:
    settings = samples.settings(filled)
    assert waiting(filled).to_link
    steps.link(settings)
    assert not waiting(filled).to_link
    with filled.write() as con:
        load.store_rates(con, [{"currency": "EUR", "day": NOW.date(), "usd": 1.2}])
    assert waiting(filled).to_link


def test_a_feed_that_was_polled_before_the_clock_was_set_back_is_due(warehouse: Warehouse) -> None:
    feed = Feed(feed_id="f", url="https://x.example/feed", added_at=NOW, last_polled_at=NOW)
    feed = feed.model_copy(update={"next_due_at": NOW + timedelta(minutes=30)})
    with warehouse.write() as con:
        load.store_feeds(con, [feed])
    assert waiting(warehouse, NOW + timedelta(minutes=1)).feeds_due == 0
    assert waiting(warehouse, NOW - timedelta(hours=1)).feeds_due == 1
    with warehouse.read() as con:
        assert len(queries.due_feeds(con, NOW - timedelta(hours=1))) == 1


def test_lags_are_told_by_stage(warehouse: Warehouse) -> None:
    one = samples.article("x.example", "Story", "Text.").model_copy(
        update={
            "feed_id": "f",
            "published_at": NOW - timedelta(seconds=100),
            "first_seen_at": NOW - timedelta(seconds=40),
            "read_at": NOW - timedelta(seconds=38),
        }
    )
    with warehouse.write() as con:
        load.store_articles(con, [one])
        load.store_outcomes(con, [(one.article_id, [samples.Outcome(samples.DEALS)])], now=NOW - timedelta(seconds=37))
        told = claim("NVIDIA", "Anthropic", exact=1e10, article=one.article_id)
        load.store_links(con, link([told], rates=Rates.load()), now=NOW - timedelta(seconds=35))
        rows = {row["stage"]: row["p50"] for row in lags(con, now=NOW)}
    assert {name: round(value) for name, value in rows.items()} == {
        "published to stored": 60,
        "stored to read": 2,
        "read to extracted": 1,
        "stored to queryable": 5,
    }


def test_metrics_are_what_prometheus_reads(filled: Warehouse) -> None:
    with filled.write() as con:
        notes.put(con, notes.EXTRACTORS, "[]")
    lines = metrics.text(samples.settings(filled), now=NOW).splitlines()
    assert "dealwire_up 0" in lines
    assert 'dealwire_rows{table="articles"} 4' in lines
    assert 'dealwire_pending{step="link"} 1' in lines
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    for line in lines:
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2
        float(line.rsplit(" ", 1)[1]) if not line.startswith("#") else None


def test_metrics_say_when_the_warehouse_cannot_be_read(tmp_path: pytest.TempPathFactory) -> None:
    found = metrics.text(Settings(database=str(tmp_path) + "/none.duckdb"))  # type: ignore[arg-type]
    assert "\ndealwire_warehouse_readable 0\n" in found
