"""The outbox: what is told, once, in the transaction that stores it, in order."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.warehouse import load, migrate, outbox
from dealwire.warehouse.connect import Warehouse
from schemas import Feed, Links, Poll, Polled, StoredClaim
from schemas.events import (
    AllianceAnnounced,
    AllianceUpdated,
    ArticlesStored,
    ClaimsStored,
    DealFound,
    Event,
    ExtractorFailing,
    FeedFailing,
    FeedRecovered,
)
from tests.linking.conftest import DAY, claim
from tests.warehouse import samples

NOW = DAY + timedelta(days=3)


def told(store: Warehouse, after: int = 0) -> list[Event]:
    with store.read() as con:
        return [one.event for one in outbox.after(con, after)]


def linked(store: Warehouse, *claims: StoredClaim, now: datetime = NOW) -> list[Event]:
    """Store the links of these claims; the events that this made."""
    with store.write() as con:
        before = outbox.last_position(con)
        load.store_links(con, link(claims, rates=Rates.load()), now=now)
    return told(store, before)


@pytest.mark.both_backends
def test_a_deal_is_told_once_with_its_companies_and_alliance(warehouse: Warehouse) -> None:
    one = claim("NVIDIA", "Anthropic", exact=1e10)
    found, announced = linked(warehouse, one)
    assert isinstance(found, DealFound)
    assert isinstance(announced, AllianceAnnounced)
    assert found.alliance_id == announced.alliance_id
    assert [(c.company_id, c.role) for c in found.companies] == [("nvidia", "payer"), ("anthropic", "payee")]
    assert announced.deals[0].usd_max == 10_000_000_000
    ids = {one["prefect.resource.id"] for one in announced.related()}
    assert ids == {"dealwire.company.nvidia", "dealwire.company.anthropic", f"dealwire.deal.{found.deal_id}"}
    assert linked(warehouse, one) == []
    # Another source of the same is no news.
    assert linked(warehouse, one, claim("NVIDIA", "Anthropic", exact=1e10, article="b", day=1)) == []


def test_an_alliance_that_gains_a_leg_or_changes_is_updated(warehouse: Warehouse) -> None:
    first = claim("NVIDIA", "Anthropic", exact=1e10, title="NVIDIA and Microsoft back Anthropic")
    linked(warehouse, first)
    leg = claim("Microsoft", "Anthropic", exact=5e9, at=101, title="NVIDIA and Microsoft back Anthropic")
    found, updated = linked(warehouse, first, leg)
    assert isinstance(found, DealFound)
    assert isinstance(updated, AllianceUpdated)
    assert updated.changed == ("deals", "parties")
    assert len(updated.deals) == 2


def test_a_deal_whose_id_changes_with_an_earlier_article_is_not_told_again(warehouse: Warehouse) -> None:
    later = claim("NVIDIA", "Anthropic", exact=1e10)
    _, announced = linked(warehouse, later)
    assert isinstance(announced, AllianceAnnounced)
    # An article of the day before names two payers, so the deal is another one by its id.
    earlier = claim(("NVIDIA", "Microsoft"), "Anthropic", exact=1e10, day=-1, article="b")
    (updated,) = linked(warehouse, earlier, later)
    assert isinstance(updated, AllianceUpdated)
    assert updated.previous_id == announced.alliance_id
    assert updated.alliance_id != announced.alliance_id


def test_a_deal_that_vanishes_and_comes_back_is_not_told_again(warehouse: Warehouse) -> None:
    one = claim("NVIDIA", "Anthropic", exact=1e10)
    linked(warehouse, one)
    assert linked(warehouse) == []
    assert linked(warehouse, one) == []


def test_status_and_amount_that_change_are_an_update(warehouse: Warehouse) -> None:
    planned = claim("NVIDIA", "Anthropic", exact=1e10, status="planned")
    linked(warehouse, planned)
    done = claim("NVIDIA", "Anthropic", exact=1e10, day=2, article="b")
    (updated,) = linked(warehouse, planned, done)
    assert isinstance(updated, AllianceUpdated)
    assert updated.changed == ("status",)


def test_old_news_from_an_archive_is_known_and_not_told(warehouse: Warehouse) -> None:
    long_ago = claim("NVIDIA", "Anthropic", exact=1e10, day=-400, article="archive")
    assert linked(warehouse, long_ago) == []
    fresh = claim("AMD", "OpenAI", exact=1e9, article="new")
    assert [type(one) for one in linked(warehouse, long_ago, fresh)] == [DealFound, AllianceAnnounced]
    with warehouse.write() as con:
        listed = samples.article("old.example", "Listed").model_copy(update={"article_id": "listed", "feed_id": "f"})
        load.store_articles(con, [listed])
    old_but_listed = claim("Oracle", "OpenAI", "purchase", exact=2e9, day=-400, article="listed")
    events = linked(warehouse, long_ago, fresh, old_but_listed)
    assert [type(one) for one in events] == [DealFound, AllianceAnnounced]


def test_events_are_undone_with_the_rows_they_tell_of(warehouse: Warehouse) -> None:
    links = link([claim("NVIDIA", "Anthropic", exact=1e10)], rates=Rates.load())
    with suppress(ZeroDivisionError), warehouse.write() as con:
        load.store_links(con, links)
        raise ZeroDivisionError
    assert told(warehouse) == []


def test_new_and_changed_texts_are_told_and_equal_ones_are_not(warehouse: Warehouse) -> None:
    one = samples.article("x.example", "Story", "Text.")
    for text, count in (("First text", 1), ("First text", 0), ("Another text", 1)):
        with warehouse.write() as con:
            before = outbox.last_position(con)
            load.store_articles(con, [one.model_copy(update={"text": text, "text_hash": None})])
        events = told(warehouse, before)
        assert len(events) == count
        assert all(isinstance(event, ArticlesStored) and event.count == 1 for event in events)


def test_extraction_tells_of_claims_and_of_the_first_and_the_tenth_failure(warehouse: Warehouse) -> None:
    many = [samples.article("x.example", f"Story {n}", "Text.") for n in range(12)]
    with warehouse.write() as con:
        load.store_articles(con, many)
    failing = []
    # The last batch fails once more and counts no further.
    for batch in (many[:1], many[1:8], many[8:], many[:3]):
        with warehouse.write() as con:
            before = outbox.last_position(con)
            load.store_outcomes(
                con, [(one.article_id, [samples.Outcome(samples.DEALS, error="boom")]) for one in batch]
            )
            first, *rest = (one.event for one in outbox.after(con, before))
        assert first == ClaimsStored(articles=len(batch), claims=0, failed=len(batch))
        failing += rest
    assert [one.articles for one in failing if isinstance(one, ExtractorFailing)] == [1, 12]


def test_a_feed_is_told_to_fail_at_the_third_time_and_to_recover_once(warehouse: Warehouse) -> None:
    feed = Feed(feed_id="f", url="https://x.example/feed", added_at=NOW)
    with warehouse.write() as con:
        load.store_feeds(con, [feed])
    seen: list[Event] = []
    for failures in (1, 2, 3, 4, 0, 0):
        new = feed.model_copy(update={"failures": failures, "last_error": "no answer" if failures else None})
        visit = Poll(feed_id="f", url=feed.url, polled_at=NOW, status="retry" if failures else "ok")
        with warehouse.write() as con:
            before = outbox.last_position(con)
            load.store_polled(con, [Polled(poll=visit, feed=new)], [])
        seen += told(warehouse, before)
    assert [type(one) for one in seen] == [FeedFailing, FeedRecovered]
    assert seen[0].subject() == "feed.f"


def test_positions_go_on_when_old_events_are_dropped(warehouse: Warehouse) -> None:
    with warehouse.write() as con:
        outbox.add(con, [ClaimsStored(articles=n, claims=0) for n in (1, 2, 3)], now=NOW)
        (first, *_) = outbox.unsent(con)
        outbox.note_tried(con, [first.event_id], NOW, "no answer")
        outbox.note_sent(con, [first.event_id], NOW)
        assert [one.position for one in outbox.unsent(con)] == [2, 3]
        assert outbox.drop_old(con, NOW + timedelta(days=1)) == 3
        outbox.add(con, [ClaimsStored(articles=4, claims=0)], now=NOW)
        assert [(one.position, one.attempts) for one in outbox.after(con, 0)] == [(4, 0)]


def test_what_a_warehouse_knows_when_it_is_brought_up_to_date_is_no_news(tmp_path: Path) -> None:
    store = Warehouse(tmp_path / "old.duckdb", wait_seconds=5)
    links = link([claim("NVIDIA", "Anthropic", exact=1e10)], rates=Rates.load())
    with store.write() as con:
        load.store_links(con, links, now=NOW)
    with duckdb.connect(str(store.path)) as con:
        later = "".join(change.text for change in migrate.changes() if change.number >= 10)
        for table in re.findall(r"CREATE TABLE (\w+)", later):
            con.execute(f"DROP TABLE {table}")
        for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", later):
            con.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        con.execute("DELETE FROM schema_changes WHERE number >= 10")
    assert linked(store, claim("NVIDIA", "Anthropic", exact=1e10)) == []
    _, announced = linked(
        store, claim("NVIDIA", "Anthropic", exact=1e10), claim("AMD", "OpenAI", exact=1e9, article="b")
    )
    assert isinstance(announced, AllianceAnnounced)
    assert announced.parties == ("AMD", "OpenAI")


def test_links_without_anything_are_nothing_to_tell(warehouse: Warehouse) -> None:
    with warehouse.write() as con:
        assert load.store_links(con, Links(deals=(), sources=(), history=(), alliances=()), now=datetime.now(UTC)) == (
            0,
            0,
        )
