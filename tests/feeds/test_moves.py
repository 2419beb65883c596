"""Feeds that move to where another one is polled already: one of them goes on, and no story is lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealwire import steps
from dealwire.feeds.identity import feed_id
from dealwire.feeds.parsers import Parsers
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Feed
from tests.feeds.conftest import Web
from tests.feeds.hostile.feeds import rss

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)


class Moves:
    """A warehouse with feeds, polled every hour."""

    def __init__(self, folder: Path, parsers: Parsers) -> None:
        self._parsers = parsers
        self.settings = Settings(
            database=folder / "moves.duckdb", allow_private_hosts=("127.0.0.1",), total_seconds=3, fetch_per_host=1
        )
        self.at = NOW

    def add(self, *urls: str, **fields: Any) -> None:
        feeds = [Feed(feed_id=feed_id(url), url=url, added_at=NOW, **fields) for url in urls]
        with steps.warehouse(self.settings).write() as db:
            load.store_feeds(db, feeds)

    def poll(self, times: int = 1) -> None:
        for _ in range(times):
            self.at += timedelta(hours=1)
            steps.poll(self.settings, now=lambda: self.at, everything=True, parsing=self._parsers)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with steps.warehouse(self.settings).read() as db:
            return db.execute(query).fetchall()


@pytest.fixture
def moves(tmp_path: Path, parsers: Parsers) -> Moves:
    return Moves(tmp_path, parsers)


def test_a_feed_that_moves_to_where_another_one_is_polled_is_paused_with_a_note(web: Web, moves: Moves) -> None:
    there, old = web.put("/new", rss(3)), web.put("/old", "", status=301, Location="/new")
    moves.add(there, old)
    moves.poll(3)
    assert moves.rows("SELECT url, paused FROM feeds ORDER BY url") == [(there, False), (old, True)]
    ((note,),) = moves.rows(f"SELECT note FROM polls WHERE url = '{old}' AND note IS NOT NULL")
    assert note == f"moved for good to {there}, where another feed is polled already; this one is paused"
    ((health,),) = moves.rows(f"SELECT health FROM feed_health WHERE url = '{old}'")
    assert health == f"paused: it has moved for good to {there}, where another feed is polled"
    asked = len(web.asked)
    web.put("/new", rss(5))
    moves.poll()
    assert [path for path, _ in web.asked[asked:]] == ["/new"]
    assert moves.rows("SELECT count(*) FROM articles") == [(5,)]
    assert moves.rows("SELECT count(*) FROM entries") == [(8,)]


def test_of_several_that_move_to_one_address_one_goes_on(web: Web, moves: Moves) -> None:
    there = web.put("/new", rss(2))
    moves.add(*(web.put(f"/old-{number}", "", status=301, Location="/new") for number in range(3)))
    moves.poll(4)
    assert sorted(moves.rows("SELECT url = 'x', paused, count(*) FROM feeds GROUP BY ALL")) == [
        (False, False, 1), (False, True, 2),
    ]  # fmt: skip
    assert moves.rows("SELECT url FROM feeds WHERE NOT paused") == [(there,)]
    assert moves.rows("SELECT count(*) FROM articles") == [(2,)]


@pytest.mark.parametrize("fields", [{"paused": True}, {"gone_at": NOW}])
def test_a_feed_that_nobody_polls_holds_no_address(web: Web, moves: Moves, fields: dict[str, Any]) -> None:
    there, old = web.put("/new", rss(3)), web.put("/old", "", status=301, Location="/new")
    moves.add(there, **fields)
    moves.add(old)
    moves.poll(3)
    assert moves.rows(f"SELECT url, paused FROM feeds WHERE feed_id = '{feed_id(old)}'") == [(there, False)]
