"""The client is bounded in time and size, and stays out of private networks."""

import gzip
import http.server
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
import zstandard

from dealwire.feeds.client import Client
from dealwire.feeds.guard import is_public
from schemas.errors import AddressRefused, BodyTooLarge, FeedUnreachable
from tests.feeds.conftest import Web

TEXT = b"<rss><channel><title>News</title></channel></rss>" * 20


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
        ("identity", TEXT),
    ],
)
def test_every_encoding_is_read(web: Web, client: Client, name: str, packed: bytes) -> None:
    url = web.put("/feed", packed, Content_Encoding=name)
    assert client.fetch(url).body == TEXT


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(bytes(200_000_000), mtime=0)),
        ("br", brotli.compress(bytes(200_000_000), quality=3)),
        ("zstd", zstandard.compress(bytes(200_000_000))),
        ("identity", bytes(1_100_000)),
    ],
)
def test_a_bomb_is_cut_off_at_the_limit(web: Web, client: Client, name: str, packed: bytes) -> None:
    url = web.put("/feed", packed, Content_Encoding=name)
    with pytest.raises(BodyTooLarge):
        client.fetch(url)


def test_a_dripping_body_ends_at_the_deadline(web: Web, client: Client) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.2)

    web.routes["/slow"] = drip
    started = time.monotonic()
    with pytest.raises(FeedUnreachable, match="too long"):
        client.fetch(web.base + "/slow")
    assert time.monotonic() - started < 10


def test_redirects_are_followed_but_not_for_ever(web: Web, client: Client) -> None:
    web.put("/end", "here")
    web.put("/start", "", status=302, Location="/end")
    assert client.fetch(web.base + "/start").url == web.base + "/end"
    web.put("/loop", "", status=302, Location="/loop")
    with pytest.raises(FeedUnreachable, match="redirects"):
        client.fetch(web.base + "/loop")


@pytest.mark.parametrize(
    "place",
    ["http://localhost:{port}/x", "http://[::1]:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
     "http://127.1:{port}/", "http://0.0.0.0:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://169.254.169.254/"],
)  # fmt: skip
def test_a_redirect_to_a_private_address_is_refused(web: Web, client: Client, place: str) -> None:
    target = place.format(port=web.server.server_port)
    web.put("/jump", "", status=302, Location=target)
    with pytest.raises((AddressRefused, FeedUnreachable)):
        client.fetch(web.base + "/jump")
    assert [path for path, _ in web.asked] == ["/jump"]


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)"])
def test_other_schemes_are_refused(web: Web, client: Client, scheme: str) -> None:
    web.put("/jump", "", status=302, Location=scheme)
    with pytest.raises(FeedUnreachable):
        client.fetch(web.base + "/jump")


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_an_error_status_is_told(web: Web, client: Client, status: int) -> None:
    with pytest.raises(FeedUnreachable) as caught:
        client.fetch(web.put("/feed", "no", status=status))
    assert caught.value.status == status


def test_connect_to_reaches_a_host_at_another_place(web: Web) -> None:
    web.put("/feed", "found")
    place = {"news.example": f"127.0.0.1:{web.server.server_port}"}
    with Client(contact="tests", connect_to=place) as client:
        assert client.fetch("http://news.example/feed").body == b"found"
    assert web.asked[0][1]["host"] == "news.example"
    assert web.asked[0][1]["user-agent"].startswith("dealwire/")


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("10.1.2.3", False), ("127.0.0.1", False), ("::1", False),
     ("100.64.0.1", False), ("169.254.1.1", False), ("fe80::1", False), ("fc00::1", False), ("224.0.0.1", False),
     ("::ffff:10.0.0.1", False), ("2002:7f00:1::", False), ("0.0.0.0", False)],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_dripping_headers_end_at_the_deadline(web: Web, client: Client) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        for _ in range(50):
            try:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " if _ == 0 else b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.2)

    web.routes["/slow"] = drip
    started = time.monotonic()
    with pytest.raises(FeedUnreachable, match="too long"):
        client.fetch(web.base + "/slow")
    assert time.monotonic() - started < 6


def test_waiting_for_a_place_at_a_host_does_not_count_as_downloading(web: Web) -> None:
    def slow(handler: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    web.routes["/slow"] = slow
    with (
        Client(contact="tests", total_seconds=1, per_host=1, allow_private_hosts=("127.0.0.1",)) as one,
        ThreadPoolExecutor(6) as pool,
    ):
        assert [found.body for found in pool.map(one.fetch, [web.base + "/slow"] * 6)] == [b"ok"] * 6


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_damaged_compressed_body_is_told(web: Web, client: Client, name: str) -> None:
    with pytest.raises(FeedUnreachable, match="damaged"):
        client.fetch(web.put("/feed", b"\x00not compressed at all" * 10, Content_Encoding=name))


def test_only_two_large_bodies_are_held_at_once_and_small_ones_pass_them_by(web: Web) -> None:
    large, small = web.put("/large", b"x" * 1_500_000), web.put("/small", b"x" * 1000)
    with Client(contact="tests", total_seconds=2, max_bytes=2_000_000, allow_private_hosts=("127.0.0.1",)) as one:
        host = f"127.0.0.1:{web.server.server_port}"
        places = [one.hosts.enter(host) for _ in range(2)]
        for place in places:
            assert len(one.fetch(large, place=place).body) == 1_500_000
        with ThreadPoolExecutor(1) as pool:
            third = pool.submit(one.fetch, large)
            assert one.fetch(small).body == b"x" * 1000
            # It waits, longer than a download may take, which is not its server's fault.
            time.sleep(2.5)
            assert not third.done()
            one.done_with(places[0])
            assert len(third.result(timeout=5).body) == 1_500_000
        assert [place.rooms for place in places] == [0, 2]
