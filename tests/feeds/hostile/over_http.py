"""Cases of time, size, HTTP and compression."""

import gzip
import time
import zlib
from collections.abc import Callable
from functools import cache

import brotli
import zstandard

from tests.feeds.hostile.feeds import rss
from tests.feeds.hostile.server import Answer, Case, Wire, drip

CASES: list[Case] = []
BIG = 300_000_000
LATE, BROKEN, REFUSED = ("retry",), ("retry", "error"), ("refused",)


def case(*status: str, entries: int = 0, alone: bool = False, says: str = "") -> Callable[[Answer], Answer]:
    """Register a case under its function's name."""

    def register(answer: Answer) -> Answer:
        CASES.append(Case(answer.__name__.strip("_").replace("_", "-"), answer, status, entries, alone, says))
        return answer

    return register


# Time.
@case(*LATE, says="too long")
def says_nothing(wire: Wire) -> None:
    wire.sleep()


@case(*LATE, says="too long")
def drips_headers(wire: Wire) -> None:
    drip(wire, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000)


@case(*LATE, says="too long")
def drips_its_body(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(wire, b"<rss>" * 1000)


@case(*LATE, says="too long")
def drips_chunks(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        wire.send(b"1\r\n<\r\n")
        time.sleep(0.1)


@case(*LATE, says="too long")
def stalls_in_the_middle(wire: Wire) -> None:
    body = rss(50).encode()
    wire.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode(), body[:2000])
    wire.sleep()


@case(*LATE, says="too long")
def continues_for_ever(wire: Wire) -> None:
    while True:
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


@case(*LATE)
def redirects_slowly(wire: Wire) -> None:
    time.sleep(1)
    wire.redirect(f"{wire.base}/redirects-slowly?{wire.hit}{time.time()}")


# Size.
@case(*REFUSED, says="larger than")
def sends_a_body_without_end(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n\r\n<rss>")
    while True:
        wire.send(b"x" * 65536)


@case(*REFUSED, says="larger than")
def sends_chunks_without_end(wire: Wire) -> None:
    wire.chunks(iter(lambda: b"x" * 65536, None))


@case(*REFUSED, says="larger than")
def announces_a_gigabyte(wire: Wire) -> None:
    wire.answer("<rss>", Content_Length=str(1 << 30))


@case(*REFUSED, says="larger than")
def one_entry_of_a_gigabyte(wire: Wire) -> None:
    start = rss(0).partition("</channel>")[0] + "<item><title>x</title><description>"
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n", start.encode())
    for _ in range(1 << 14):
        wire.send(b"word " * 13107)


@case(*BROKEN)
def headers_without_end(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        wire.send(b"X-More: " + b"y" * 1000 + b"\r\n")


@case(*BROKEN)
def a_header_of_ten_megabytes(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nX-Long: ", b"z" * 10_000_000, b"\r\n\r\n")


# Compression.
@cache
def packed(name: str) -> bytes:
    """Many zeros, or zeros packed twice."""
    zeros = bytes(BIG)
    makers: dict[str, Callable[[], bytes]] = {
        "gzip": lambda: gzip.compress(zeros, 6),
        "deflate": lambda: zlib.compress(zeros),
        "br": lambda: brotli.compress(zeros, quality=3),
        "zstd": lambda: zstandard.compress(zeros),
        "gzip, gzip": lambda: gzip.compress(gzip.compress(zeros)),
    }
    return makers[name]()


def bomb(name: str) -> None:
    def answer(wire: Wire) -> None:
        wire.answer(packed(name), Content_Encoding=name)

    CASES.append(Case(f"bomb-{name.replace(', ', '-in-')}", answer, REFUSED, says="larger than"))


for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
    bomb(encoding)


@case(*BROKEN, says="damaged")
def gzip_that_ends_too_early(wire: Wire) -> None:
    wire.answer(gzip.compress(rss(200).encode())[:-200], Content_Encoding="gzip")


@case(*BROKEN, says="damaged")
def gzip_that_is_none(wire: Wire) -> None:
    wire.answer(b"\x00\x01\x02 no gzip", Content_Encoding="gzip")


@case(*BROKEN, says="encoded as")
def an_unknown_encoding(wire: Wire) -> None:
    wire.answer(rss(), Content_Encoding="snappy")


@case(*BROKEN, says="encoded as")
def packed_twenty_times(wire: Wire) -> None:
    wire.answer(b"x", Content_Encoding=", ".join(["gzip"] * 20))


@case("ok", entries=3)
def says_gzip_and_sends_plain(wire: Wire) -> None:
    wire.answer(rss(name="plain"), Content_Encoding="gzip")


@case("ok", entries=3)
def gzip_without_saying_so(wire: Wire) -> None:
    wire.answer(gzip.compress(rss(name="unsaid").encode()), Content_Type="application/gzip")


@case("ok", entries=3)
def gzip_of_two_members(wire: Wire) -> None:
    body = rss(name="members").encode()
    wire.answer(gzip.compress(body[:300]) + gzip.compress(body[300:]), Content_Encoding="gzip")


# HTTP.
@case(*BROKEN)
def closes_at_once(wire: Wire) -> None:
    wire.connection.close()


@case(*BROKEN)
def resets(wire: Wire) -> None:
    wire.reset()


@case(*BROKEN)
def resets_in_the_middle(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<rss>")
    time.sleep(0.05)
    wire.reset()


@case(*BROKEN)
def a_truncated_body(wire: Wire) -> None:
    body = rss(50)
    wire.answer(body[:3000], Content_Length=str(len(body)))


@case(*BROKEN)
def a_truncated_chunk(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n<rss>")


@case(*BROKEN)
def no_last_chunk(wire: Wire) -> None:
    wire.chunks([rss().encode()], end=False)


@case(*BROKEN)
def a_chunk_of_no_number(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n0\r\n\r\n")


@case(*BROKEN)
def a_chunk_size_of_a_megabyte(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 1_000_000)


@case(*BROKEN)
def a_negative_length(wire: Wire) -> None:
    wire.answer(rss(), Content_Length="-5")


@case(*BROKEN)
def two_lengths(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n<rss></rss>")


@case(*BROKEN)
def no_http(wire: Wire) -> None:
    wire.send(b"SSH-2.0-OpenSSH_9.2\r\n")


@case(*BROKEN)
def a_feed_without_headers(wire: Wire) -> None:
    wire.send(rss().encode())


@case(*BROKEN)
def a_header_without_a_colon(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 0\r\n\r\n")


@case(*BROKEN)
def a_header_with_zeros(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nETag: a\x00b\r\nContent-Length: 0\r\n\r\n")


@case("error")
def nothing_at_all(wire: Wire) -> None:
    wire.answer("")


@case("error")
def no_content(wire: Wire) -> None:
    wire.answer("", "204 No Content", Content_Length="")


@case("error")
def a_part_of_it(wire: Wire) -> None:
    wire.answer(rss(), "206 Partial Content", Content_Range="bytes 0-10/900")


@case("error", says="nothing was asked")
def not_modified_since_never(wire: Wire) -> None:
    wire.answer("", "304 Not Modified", Content_Length="")


@case("ok", entries=3)
def headers_in_another_encoding(wire: Wire) -> None:
    wire.answer(rss(name="latin"), ETag='"é\xff"', X_Name="ÿ")


@case("ok", entries=3)
def lists_a_cookie_jar(wire: Wire) -> None:
    wire.answer(rss(name="cookies"), Set_Cookie="a=b; Max-Age=99999999999999", Cache_Control="max-age=99999999999")


for number, words in {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 418: "Teapot", 451: "Legal", 599: "?"
}.items():  # fmt: skip

    def refuse(wire: Wire, status: str = f"{number} {words}") -> None:
        wire.answer(rss(), status)

    CASES.append(Case(f"status-{number}", refuse, ("error",) if number < 500 else LATE, says=f"status {number}"))


@case("gone")
def gone(wire: Wire) -> None:
    wire.answer("", "410 Gone")


@case(*LATE, alone=True)
def too_many_requests(wire: Wire) -> None:
    wire.answer("", "429 Too Many Requests", Retry_After="3600")


@case(*LATE, alone=True)
def retry_after_a_thousand_years(wire: Wire) -> None:
    wire.answer("", "503 Service Unavailable", Retry_After="99999999999999999999")


@case(*LATE, alone=True)
def retry_after_nonsense(wire: Wire) -> None:
    wire.answer("", "503 Service Unavailable", Retry_After="soon; \x80")
