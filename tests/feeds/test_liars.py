"""Servers whose validators lie, feeds that move or go, hosts that want to be left alone, secrets that stay outside."""

import http.server
from datetime import UTC, datetime, timedelta

import pytest

from dealwire.feeds import secrets
from dealwire.feeds.client import Client
from dealwire.feeds.guard import GuardedBackend
from dealwire.feeds.identity import feed_id
from dealwire.feeds.poll import poll
from schemas import Feed, Polled
from schemas.errors import AddressRefused, FeedUnreachable, HostPaused, InvalidInput
from tests.feeds.conftest import Web
from tests.feeds.hostile.feeds import rss

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)


def once(client: Client, feed: Feed, *, hours: float = 0) -> Polled:
    (found,) = poll([feed], client=client, now=lambda: NOW + timedelta(hours=hours), every=timedelta(minutes=30))
    return found


def feed(url: str, **fields: object) -> Feed:
    return Feed(feed_id=feed_id(url), url=url, added_at=NOW, **fields)  # type: ignore[arg-type]


class Liar:
    """Says 304 to every validator, and sends one more story in every body."""

    def __init__(self, web: Web, *, etag: str = '"frozen"') -> None:
        self.stories, self.etag, self.url = 1, etag, web.base + "/liar"
        web.routes["/liar"] = self.answer

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match"):
            handler.send_response(304)
            handler.end_headers()
            return
        body = rss(self.stories).encode()
        handler.send_response(200)
        handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def test_an_etag_that_stands_still_is_found_out_and_no_longer_sent(web: Web, client: Client) -> None:
    liar = Liar(web)
    one = once(client, feed(liar.url)).feed
    liar.stories = 4
    seen = []
    for hour in range(1, 6):
        found = once(client, one, hours=hour / 10)
        one = found.feed
        seen.append((found.poll.status, len(found.entries)))
    assert seen == [("not_modified", 0), ("not_modified", 0), ("ok", 4), ("not_modified", 0), ("not_modified", 0)]
    assert one.frozen
    assert "if-none-match" not in web.asked[-1][1]
    liar.stories = 5
    assert len(once(client, one, hours=1).entries) == 5


def test_an_honest_server_is_trusted_ever_longer(web: Web, client: Client) -> None:
    one = feed(web.put("/feed", rss(), ETag='"1"'))
    for turn in range(12):
        one = once(client, one, hours=turn / 100).feed
    conditional = ["if-none-match" in headers for _, headers in web.asked]
    assert conditional == [False, True, True, False, True, True, True, True, False, True, True, True]
    assert not one.frozen
    assert once(client, one, hours=30).poll.http_status == 200


def test_a_permanent_move_is_believed_after_three_sightings(web: Web, client: Client) -> None:
    there = web.put("/new", rss())
    one = feed(web.put("/old", "", status=301, Location="/new"))
    web.put("/hop", "", status=302, Location="/new")
    for turn in range(3):
        assert one.url.endswith("/old")
        found = once(client, one, hours=turn)
        one = found.feed
    assert one.url == there
    assert "moved for good" in (found.poll.note or "")
    assert one.feed_id == feed_id(web.base + "/old")


@pytest.mark.parametrize("body", ["<html>Back soon</html>", ""])
def test_a_maintenance_page_moves_no_feed(web: Web, client: Client, body: str) -> None:
    web.put("/sorry", body, "text/html")
    one = feed(web.put("/old", "", status=301, Location="/sorry"))
    for turn in range(5):
        one = once(client, one, hours=turn).feed
    assert (one.url, one.moved_seen) == (web.base + "/old", 0)


def test_a_temporary_move_is_none(web: Web, client: Client) -> None:
    web.put("/new", rss())
    one = feed(web.put("/old", "", status=302, Location="/new"))
    for turn in range(4):
        one = once(client, one, hours=turn).feed
    assert (one.url, one.moved_to) == (web.base + "/old", None)


def test_gone_stops_with_a_note_and_comes_back_when_asked(web: Web, client: Client) -> None:
    one = once(client, feed(web.put("/feed", "", status=410))).feed
    assert (one.gone_at, one.next_due_at) == (NOW, None)
    web.put("/feed", rss())
    assert once(client, one, hours=1).feed.gone_at is None


def test_retry_after_holds_for_the_whole_host_and_is_no_failure_of_others(web: Web, client: Client) -> None:
    one = once(client, feed(web.put("/busy", "", status=429, Retry_After="600")))
    assert one.poll.status == "retry"
    assert one.feed.next_due_at is not None
    asked = len(web.asked)
    other = once(client, feed(web.put("/other", rss()), failures=0))
    assert len(web.asked) == asked
    assert (other.poll.status, other.feed.failures) == ("retry", 0)
    assert "left alone until" in (other.poll.error or "")
    (until,) = client.hosts.pauses().values()
    assert timedelta(seconds=600) <= until - datetime.now(UTC) + timedelta(seconds=5) <= timedelta(seconds=670)
    with pytest.raises(HostPaused):
        client.fetch(web.base + "/other")


def test_offline_blames_no_feed() -> None:
    def nowhere(name: str, port: int) -> list[str]:
        raise OSError("no network")

    feeds = [feed(f"https://news{number}.example/feed", failures=number) for number in range(4)]
    with Client(contact="tests", resolve=nowhere) as client:
        found = list(poll(feeds, client=client, now=lambda: NOW, every=timedelta(minutes=30)))
    assert sorted(one.feed.failures for one in found) == [0, 1, 2, 3]
    assert all("offline" in (one.poll.error or "") for one in found)
    assert all(one.feed.next_due_at == NOW + timedelta(minutes=5) for one in found)


def test_a_name_that_is_rebound_between_two_hops_does_not_pass(web: Web) -> None:
    answers = iter(["127.0.0.1"] * 9)
    with Client(contact="tests", resolve=lambda name, port: [next(answers)]) as client, pytest.raises(AddressRefused):
        client.fetch(f"http://rebound.example:{web.server.server_port}/feed")
    assert web.asked == []


def test_the_address_that_was_checked_is_the_one_connected_to(web: Web) -> None:
    asked = []

    def turning(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) > 1 else ["203.0.113.1"]

    backend = GuardedBackend(resolve=turning)
    with pytest.raises(AddressRefused):
        backend.connect_tcp("turning.example", web.server.server_port)
    assert len(asked) == 1


def test_secrets_come_from_the_environment_and_stay_out_of_what_is_stored(
    web: Web, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWS_TOKEN", "t0k3n-xyz")
    monkeypatch.setenv("NEWS_LOGIN", "ann:pa55")
    url = web.put("/feed", rss(), status=200)
    web.put("/away", "", status=302, Location=f"http://localhost:{web.server.server_port}/feed")
    one = feed(url, headers=("X-Api-Key: ${NEWS_TOKEN}", "Authorization: Basic ${NEWS_LOGIN}"))
    found = once(client, one)
    assert web.asked[-1][1]["x-api-key"] == "t0k3n-xyz"
    assert web.asked[-1][1]["authorization"] == "Basic YW5uOnBhNTU="
    assert "t0k3n" not in found.model_dump_json()
    monkeypatch.delenv("NEWS_TOKEN")
    failed = once(client, one)
    assert (failed.poll.status, "NEWS_TOKEN is not set" in (failed.poll.error or "")) == ("error", True)


def test_secrets_go_to_no_other_host(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    port = web.server.server_port
    web.put("/feed", rss())
    web.put("/away", "", status=302, Location=f"http://other.example:{port}/feed")
    place = dict.fromkeys(("news.example", "other.example"), f"127.0.0.1:{port}")
    with Client(contact="tests", connect_to=place) as client:
        client.fetch(f"http://news.example:{port}/away", headers=[("X-Api-Key", "s")])
    assert ["x-api-key" in headers for _, headers in web.asked] == [True, False]


def test_a_password_in_an_address_is_used_and_never_shown(web: Web, client: Client) -> None:
    url = web.put("/feed", "", status=500).replace("127", "ann:pa55@127", 1)
    with pytest.raises(FeedUnreachable) as caught:
        client.fetch(url)
    assert "pa55" not in str(caught.value)
    assert web.asked[-1][1]["authorization"].startswith("Basic ")


@pytest.mark.parametrize("text", ["Authorization: Bearer abc", "X-Api-Key: 5", "no header", "Host: x", "X: a\r\nY: b"])
def test_headers_that_hold_a_secret_or_break_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        secrets.header(text)


def test_a_feed_goes_through_its_proxy(web: Web, client: Client) -> None:
    def proxied(handler: http.server.BaseHTTPRequestHandler) -> None:
        body = rss().encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    web.routes["http://8.8.8.8:80/feed"] = proxied
    found = once(client, feed("http://8.8.8.8/feed", proxy=web.base))
    assert found.poll.status == "ok", (found.poll.error, web.asked)
    assert once(client, feed("http://10.0.0.1/feed", proxy=web.base)).poll.status == "refused"
