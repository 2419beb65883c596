"""Cases of redirects: loops, and every spelling of places that must not be reached."""

from tests.feeds.hostile.feeds import rss
from tests.feeds.hostile.server import Case, Wire

LOOPBACK = (
    "localhost", "LOCALHOST", "localhost.", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
    "0177.0.0.1", "0.0.0.0", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]", "１２７.０.０.１", "127。0。0。1",
)  # fmt: skip
PRIVATE = (
    "10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "[fe80::1]", "[fc00::1]",
    "[fec0::1]", "[64:ff9b::a9fe:a9fe]", "224.0.0.1", "255.255.255.255",
)  # fmt: skip
SCHEMES = (
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1/x",
    "javascript:alert(1)",
    "data:text/xml,<rss/>",
)


def cases(secret: int) -> list[Case]:
    """All of them; `secret` is the port of a server that must not be asked."""
    found = [
        Case(f"redirects-to-{number}", _to(f"http://{host}:{secret}/secret"), ("refused", "retry", "error"))
        for number, host in enumerate(LOOPBACK)
    ]
    found += [
        Case(f"redirects-into-{number}", _to(f"http://{host}/secret"), ("refused", "retry", "error"))
        for number, host in enumerate(PRIVATE)
    ]
    found += [Case(f"redirects-by-{number}", _to(url), ("error", "refused")) for number, url in enumerate(SCHEMES)]
    return [
        *found,
        Case("redirects-to-another-port", _to(f"http://127.0.0.1:{secret}/secret"), ("refused",)),
        Case("redirects-with-a-login", _to(f"http://news.example@127.0.0.1:{secret}/secret"), ("refused",)),
        Case("redirects-to-itself", _to("/redirects-to-itself"), ("error",), says="circle"),
        Case("redirects-in-a-circle", _circle, ("error",), says="circle"),
        Case("redirects-without-end", _endless, ("error",), says="redirects"),
        Case("redirects-nowhere", _to(""), ("error",)),
        Case("redirects-to-no-address", _to("http://[broken"), ("error", "retry")),
        Case("redirects-to-no-port", _to("http://127.0.0.1:99999999/"), ("error", "retry")),
        Case("redirects-to-a-long-address", _to("/" + "x" * 60_000), ("error", "retry")),
        Case("redirects-ten-times", _ten, ("ok",), 3),
    ]


def _to(place: str) -> "object":
    def answer(wire: Wire) -> None:
        wire.send(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


def _circle(wire: Wire) -> None:
    wire.redirect("/redirects-in-a-circle/" if not wire.path.endswith("/") else "/redirects-in-a-circle")


def _endless(wire: Wire) -> None:
    wire.redirect(
        f"{wire.base}/redirects-without-end?{wire.headers.get('x', '')}{len(wire.path)}x" + "y" * len(wire.path)
    )


def _ten(wire: Wire) -> None:
    done = int(wire.path.partition("?")[2] or 0)
    if done == 10:
        wire.answer(rss(name="ten"))
    else:
        wire.redirect(f"/redirects-ten-times?{done + 1}", "301 Moved Permanently")
