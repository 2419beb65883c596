"""WebSub against a real hub process: subscribe, verify, deliver, renew, end, and poll on when the hub is silent."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn

from dealwire import callback, push, steps
from dealwire.feeds import websub
from dealwire.feeds.identity import feed_id
from dealwire.settings import Settings
from dealwire.warehouse import load, subscriptions
from schemas import Feed
from schemas.errors import AddressRefused, DealwireError, HubRefused, InvalidInput
from schemas.subscription import Subscription
from tests.feeds.conftest import Web
from tests.feeds.hub import call

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.feeds.hub"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(10)


class Subscriber:
    """A warehouse with one feed, and its callback listening."""

    def __init__(self, web: Web, folder: Path, hub: str) -> None:
        self.web, self.hub, self.clock = web, hub, datetime.now(UTC)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self.settings = Settings(
            database=folder / "push.duckdb", allow_private_hosts=("127.0.0.1",), total_seconds=3, poll_every_minutes=0,
            websub_callback=f"http://127.0.0.1:{self.port}/",
        )  # fmt: skip
        self.url = web.base + "/feed"
        self.name(hub)
        with steps.warehouse(self.settings).write() as db:
            load.store_feeds(db, [Feed(feed_id=feed_id(self.url), url=self.url, added_at=self.clock)])
        app = callback.application(self.settings, now=lambda: self.clock)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]}, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)

    def name(self, hub: str, *items: str) -> None:
        """Let the feed name a hub."""
        self.web.put("/feed", document(self.url, hub, *items))

    def keep(self) -> list[Subscription]:
        return push.keep(self.settings, now=lambda: self.clock)

    def subscribed(self) -> Subscription:
        self.keep()
        return self.until(lambda one: one.state == "active")

    def stored(self) -> Subscription:
        with steps.warehouse(self.settings).read() as db:
            return subscriptions.all_of_them(db)[feed_id(self.url)]

    def until(self, wanted: Callable[[Subscription], bool]) -> Subscription:
        until(lambda: wanted(self.stored()))
        return self.stored()

    def publish(self, body: str, **options: str) -> list[int]:
        status, answer = call(
            f"{self.hub}publish?{urlencode({'topic': self.url, **options})}",
            body.encode(),
            {"Content-Type": "text/xml"},
        )
        assert status == 200
        return list(json.loads(answer))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with steps.warehouse(self.settings).read() as db:
            return db.execute(query).fetchall()


def until(done: Callable[[], bool], seconds: float = 15) -> None:
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)


def document(url: str, hub: str, *items: str) -> str:
    told = "".join(f"<item><link>{url}/{name}</link><title>{name}</title></item>" for name in items)
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Wire</title>'
        f'<atom:link rel="self" href="{url}"/><atom:link rel="hub" href="{hub}"/>{told}</channel></rss>'
    )


@pytest.fixture
def subscriber(web: Web, tmp_path: Path, hub: str) -> Iterator[Subscriber]:
    one = Subscriber(web, tmp_path, hub)
    yield one
    one.server.should_exit = True
    one.thread.join(10)


def test_news_come_without_a_poll_and_the_next_poll_moves_away(subscriber: Subscriber) -> None:
    one = subscriber.subscribed()
    assert one.expires_at is not None
    assert one.expires_at - subscriber.clock == timedelta(hours=240)
    assert subscriber.publish(document(subscriber.url, subscriber.hub, "a", "b")) == [202]
    assert subscriber.rows("SELECT title FROM articles ORDER BY title") == [("a",), ("b",)]
    assert subscriber.rows('SELECT status, entries, "new" FROM polls') == [("ok", 2, 2)]
    ((due,),) = subscriber.rows("SELECT next_due_at FROM feeds")
    assert due == subscriber.clock + timedelta(hours=6)
    assert (subscriber.stored().pushes, subscriber.stored().error) == (1, None)
    assert subscriber.publish(document(subscriber.url, subscriber.hub, "b", "c")) == [202]
    assert subscriber.rows("SELECT count(*) FROM articles") == [(3,)]


def test_every_signature_of_the_standard_is_taken(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    for algorithm in ("sha1", "sha256", "sha384", "sha512"):
        subscriber.publish(document(subscriber.url, subscriber.hub, algorithm), algorithm=algorithm)
    assert subscriber.rows("SELECT count(*) FROM articles") == [(4,)]


def test_a_delivery_that_the_hub_did_not_sign_is_ignored(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    for options in ({"secret": "guessed"}, {"algorithm": "none"}, {"algorithm": "md5"}):
        assert subscriber.publish(document(subscriber.url, subscriber.hub, "a"), **options) == [202]
    assert subscriber.rows("SELECT count(*) FROM articles") == [(0,)]
    assert "signature" in (subscriber.stored().error or "")
    assert subscriber.rows("SELECT next_due_at FROM feeds") == [(None,)]


def test_a_lease_is_renewed_before_it_ends_with_the_same_secret(subscriber: Subscriber) -> None:
    subscriber.name(subscriber.hub + "?lease=7200")
    one = subscriber.subscribed()
    subscriber.clock += timedelta(seconds=3000)
    assert subscriber.keep() == []
    subscriber.clock += timedelta(seconds=1000)
    (again,) = subscriber.keep()
    assert (again.token, again.secret, again.state) == (one.token, one.secret, "active")
    renewed = subscriber.until(lambda now: now.verified_at == subscriber.clock)
    assert renewed.expires_at == subscriber.clock + timedelta(seconds=7200)
    assert subscriber.publish(document(subscriber.url, subscriber.hub, "a")) == [202]
    assert subscriber.rows("SELECT count(*) FROM articles") == [(1,)]


def test_a_subscription_ends_when_asked_and_the_hub_agrees(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    assert len(push.end(subscriber.settings)) == 1
    subscriber.until(lambda one: one.state == "ended")
    until(lambda: subscriber.publish(document(subscriber.url, subscriber.hub, "late")) == [])
    assert subscriber.rows("SELECT count(*) FROM articles") == [(0,)]
    assert subscriber.keep() == []


def test_a_removed_feed_makes_the_hub_forget_it(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    with steps.warehouse(subscriber.settings).write() as db:
        load.remove_feed(db, feed_id(subscriber.url))
    assert subscriber.publish(document(subscriber.url, subscriber.hub, "a")) == [410]
    assert subscriber.publish(document(subscriber.url, subscriber.hub, "a")) == []


@pytest.mark.parametrize(
    ("option", "state", "told"),
    [("?silent", "asked", None), ("?denies", "denied", "not you"), ("?refuses", "asked", "topic not allowed")],
)
def test_without_a_subscription_polling_goes_on(
    subscriber: Subscriber, option: str, state: str, told: str | None
) -> None:
    subscriber.name(subscriber.hub + option, "a")
    subscriber.keep()
    one = subscriber.until(lambda one: one.state == state and (told is None or told in (one.error or "")))
    assert one.pushes == 0
    steps.poll(subscriber.settings, now=lambda: subscriber.clock)
    assert subscriber.rows("SELECT title FROM articles") == [("a",)]
    assert subscriber.keep() == []
    subscriber.clock += timedelta(days=2)
    assert len(subscriber.keep()) == 1


@pytest.mark.parametrize(
    "place", ["http://10.0.0.1/hub", "http://localhost:{port}/", "file:///etc/passwd", "http://[::1]/"]
)
def test_hubs_are_kept_out_of_private_networks(subscriber: Subscriber, place: str) -> None:
    hub = place.format(port=subscriber.web.server.server_port)
    with steps.client(subscriber.settings) as client, pytest.raises(DealwireError):
        websub.Hubs(client).subscribe(hub, topic="t", callback="c", secret="s", lease_seconds=60)
    assert subscriber.web.asked == []


def test_a_hub_that_redirects_into_a_private_network_is_refused(subscriber: Subscriber) -> None:
    def answer(handler: Any) -> None:
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.send_response(307)
        handler.send_header("Location", "http://10.0.0.1/hub")
        handler.end_headers()

    subscriber.web.posts["/hub"] = answer
    with steps.client(subscriber.settings) as client, pytest.raises(AddressRefused):
        websub.Hubs(client).unsubscribe(subscriber.web.base + "/hub", topic="t", callback="c")


def test_a_hub_that_never_answers_is_given_up_at_the_deadline(subscriber: Subscriber) -> None:
    def drip(handler: Any) -> None:
        for _ in range(100):
            handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nX: " if _ == 0 else b"x")
            time.sleep(0.2)

    subscriber.web.posts["/hub"] = drip
    started = time.monotonic()
    with steps.client(subscriber.settings) as client, pytest.raises(HubRefused, match="too long"):
        websub.Hubs(client).unsubscribe(subscriber.web.base + "/hub", topic="t", callback="c")
    assert time.monotonic() - started < 8


def test_a_hub_that_falls_silent_is_noticed_and_polling_is_back(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    subscriber.clock += timedelta(minutes=1)
    subscriber.publish(document(subscriber.url, subscriber.hub, "a"))
    subscriber.name(subscriber.hub, "a", "never pushed")
    assert steps.poll(subscriber.settings, now=lambda: subscriber.clock).feeds == 0
    subscriber.clock += timedelta(hours=7)
    assert steps.poll(subscriber.settings, now=lambda: subscriber.clock).new_articles == 1
    subscriber.keep()
    assert subscriber.stored().state == "active"
    subscriber.clock += timedelta(hours=2)
    subscriber.keep()
    assert subscriber.stored().state == "silent"
    subscriber.clock += timedelta(days=2)
    assert len(subscriber.keep()) == 1
    subscriber.until(lambda one: one.state == "active")


def test_a_moved_hub_is_followed(subscriber: Subscriber) -> None:
    subscriber.name(subscriber.hub + "?moved")
    assert subscriber.subscribed().expires_at == subscriber.clock + timedelta(seconds=600)


def test_what_was_not_asked_for_is_not_confirmed(subscriber: Subscriber) -> None:
    one = subscriber.subscribed()
    queries: list[dict[str, str]] = [
        {"hub.mode": "subscribe", "hub.topic": "http://other.example/", "hub.challenge": "x"},
        {"hub.mode": "unsubscribe", "hub.challenge": "x"},
        {"hub.mode": "subscribe", "hub.challenge": ""},
        {"hub.mode": "publish", "hub.challenge": "x"},
        {},
    ]
    for query in queries:
        given = {"hub.topic": subscriber.url} | query
        assert call(f"{subscriber.settings.websub_callback}{one.token}?{urlencode(given)}")[0] == 404
        assert call(f"{subscriber.settings.websub_callback}guessed?{urlencode(given)}")[0] == 404
    assert call(f"{subscriber.settings.websub_callback}guessed", b"x")[0] == 410
    assert subscriber.stored().state == "active"


def test_a_signed_delivery_that_is_no_feed_is_told_and_harmless(subscriber: Subscriber) -> None:
    subscriber.subscribed()
    for body in ("", "<html>", "{", "<rss>" + "&bomb;" * 10, "\x00" * 100):
        assert subscriber.publish(body) == [202]
    assert subscriber.rows("SELECT count(*) FROM articles") == [(0,)]


def test_a_delivery_larger_than_the_limit_is_refused(web: Web, tmp_path: Path, hub: str) -> None:
    one = Subscriber(web, tmp_path, hub)
    one.settings = one.settings.model_copy(update={"max_megabytes": 0.001})
    token = one.subscribed().token
    small = uvicorn.Server(uvicorn.Config(callback.application(one.settings), log_level="error", lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=small.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: small.started)
    assert call(f"http://127.0.0.1:{listening.getsockname()[1]}/{token}", b"x" * 5000)[0] == 413
    for server, running in ((small, thread), (one.server, one.thread)):
        server.should_exit = True
        running.join(10)


def test_without_a_public_address_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="websub_callback"):
        push.keep(Settings(database=tmp_path / "x.duckdb"))


@pytest.mark.parametrize(
    ("link", "body", "found"),
    [
        ('<https://h.example/>; rel="hub", <https://a.example/f>; rel=self', b"", ("https://h.example/", "https://a.example/f")),
        ("</hub>;rel=hub", b"", ("https://a.example/hub", "https://a.example/feed")),
        ("", b'<feed><link href="https://h.example/?a=1&amp;b=2" rel="hub"/><link rel="self" href="/f"/><entry/></feed>', ("https://h.example/?a=1&b=2", "https://a.example/f")),
        ("", b"<rss><channel><item><x:link rel='hub' href='https://evil.example/'/></item></channel></rss>", None),
        ("", b"<rss><channel><item/><a:link rel='hub' href='https://h.example/'/></channel></rss>", ("https://h.example/", "https://a.example/feed")),
        ("", b'{"feed_url":"https://a.example/f","hubs":[{"type":"rssCloud","url":"x"},{"type":"WebSub","url":"https://h.example/"}]}', ("https://h.example/", "https://a.example/f")),
        ("", b'<link rel="hub" href="javascript:x"/>', None),
        ('<https://a.example/2>; rel="next"', b"<rss></rss>", None),
    ],
)  # fmt: skip
def test_hubs_are_found_where_feeds_name_them(link: str, body: bytes, found: tuple[str, str] | None) -> None:
    assert websub.advertised({"link": link}, body, url="https://a.example/feed") == found
