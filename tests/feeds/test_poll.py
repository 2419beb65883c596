"""Polling: unchanged feeds cost nothing, failing ones say why and do not stop the others."""

from datetime import UTC, datetime, timedelta

import pytest

from dealwire.feeds.client import Client
from dealwire.feeds.identity import feed_id
from dealwire.feeds.poll import poll
from schemas import Feed, Polled
from tests.feeds.conftest import Web
from tests.feeds.test_parse import RSS

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def once(client: Client, *feeds: Feed) -> list[Polled]:
    found = {one.feed.url: one for one in poll(feeds, client=client, now=lambda: NOW, every=HOUR)}
    return [found[feed.url] for feed in feeds]


def feed(url: str) -> Feed:
    return Feed(feed_id=feed_id(url), url=url, added_at=NOW)


def test_a_feed_is_asked_only_for_what_changed(web: Web, client: Client) -> None:
    url = web.put("/feed", RSS, ETag='"1"')
    (first,) = once(client, feed(url))
    assert (first.poll.status, len(first.entries), first.feed.title) == ("ok", 1, "Wire & Chips")
    assert first.feed.next_due_at == NOW + HOUR
    (again,) = once(client, first.feed)
    assert (again.poll.status, again.poll.http_status, again.entries) == ("not_modified", 304, ())
    assert web.asked[-1][1]["if-none-match"] == '"1"'


def test_the_same_body_counts_as_unchanged_without_validators(web: Web, client: Client) -> None:
    url = web.put("/feed", RSS)
    (first,) = once(client, feed(url))
    (again,) = once(client, first.feed)
    assert (again.poll.status, again.poll.http_status) == ("not_modified", 200)


def test_a_failing_feed_leaves_its_neighbours_alone(web: Web, client: Client) -> None:
    good = feed(web.put("/good", RSS))
    bad = [
        feed(web.put("/html", "<html><body>no</body></html>", "text/html")),
        feed(web.put("/gone", "", status=410)),
        feed(web.put("/down", "", status=503)),
        feed("http://127.0.0.1:9/x"),
        feed("http://10.255.255.1.nip.invalid/"),
        feed(web.put("/private", "", status=302, Location="http://localhost:1/")),
    ]
    found = once(client, good, *bad)
    assert [one.poll.status for one in found] == ["ok", "error", "gone", "retry", "retry", "retry", "refused"]
    for one in found[1:]:
        assert one.poll.error
        assert "\n" not in one.poll.error
        assert (one.feed.failures, one.feed.last_ok_at) == (1, None)


def test_failures_are_tried_ever_more_rarely_but_never_given_up(client: Client) -> None:
    one = feed("http://127.0.0.1:9/x")
    waits = []
    for _ in range(12):
        (polled,) = once(client, one)
        one = polled.feed
        assert one.next_due_at is not None
        waits.append(one.next_due_at - NOW)
    assert waits == sorted(waits)
    assert waits[0] == HOUR
    assert waits[-1] == timedelta(hours=24)


@pytest.mark.parametrize("known", ['"old"', None])
def test_a_recovered_feed_forgets_its_failures(web: Web, client: Client, known: str | None) -> None:
    failing = feed(web.put("/feed", RSS)).model_copy(update={"failures": 5, "last_error": "was down", "etag": known})
    (polled,) = once(client, failing)
    assert (polled.feed.failures, polled.feed.last_error, len(polled.entries)) == (0, None, 1)
