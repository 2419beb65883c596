"""`dealwire feeds poll` prints one JSON line a poll; `dealwire feeds health` says what is wrong, and since when."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Cli
from tests.feeds.conftest import Web
from tests.feeds.hostile.feeds import item, rss


@pytest.fixture
def web() -> Iterator[Web]:
    site = Web()
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_poll_adds_what_is_new_and_tells_each_poll_in_a_line(cli: Cli, web: Web) -> None:
    good, bad = web.put("/good", rss(3), ETag='"1"'), web.put("/bad", "<html>no</html>", "text/html")
    gone, place = web.put("/gone", "", status=410), "file:///etc/passwd"
    ran = cli("feeds", "poll", good, bad, gone, place, good, "--json")
    assert ran.code == 0, ran.err
    lines = {line["url"]: line for line in map(json.loads, ran.out.splitlines())}
    assert {url: line["status"] for url, line in lines.items()} == {
        good: "ok", bad: "error", gone: "gone", place: "refused"
    }  # fmt: skip
    assert (lines[good]["entries"], lines[good]["new"], lines[good]["http_status"]) == (3, 3, 200)
    assert lines[bad]["error"]
    told = ["url", "status", "http_status", "entries", "new", "bytes", "seconds", "error"]
    assert [list(line) for line in lines.values()] == [told] * 4
    web.put("/good", rss(3, items=item("More", "https://news.example/more")), ETag='"2"')
    (again,) = map(json.loads, cli("feeds", "poll", good, "--json").out.splitlines())
    assert (again["status"], again["entries"], again["new"]) == ("ok", 4, 1)
    (same,) = map(json.loads, cli("feeds", "poll", good, "--json").out.splitlines())
    assert (same["status"], same["http_status"], same["new"], same["entries"]) == ("not_modified", 304, 0, 4)


def test_health_says_in_words_what_is_wrong(cli: Cli, web: Web) -> None:
    good, down, gone = web.put("/good", rss()), web.put("/down", "", status=503), web.put("/gone", "", status=410)
    assert cli("feeds", "poll", good, down, gone).code == 0
    cli("feeds", "poll", down)
    told = {row["url"]: row for row in json.loads(cli("feeds", "health", "--json", "--all").out)}
    assert told[good]["state"] == "healthy"
    assert (told[down]["state"], told[down]["failures"]) == ("failing", 2)
    assert "status 503" in told[down]["health"]
    assert told[gone]["health"].startswith("gone since ")
    ran = cli("feeds", "health")
    assert "2 of 3 feeds need a look" in ran.err
    assert "status 503" in ran.out.replace("\n", " ")
    # What is gone is not polled any more; the others are.
    asked = len(web.asked)
    cli("run", "--all", "--inline")
    assert "/gone" not in [path for path, _ in web.asked[asked:]]


def test_an_entry_without_a_link_is_a_story_with_the_feeds_own_text(cli: Cli, web: Web) -> None:
    url = web.put("/feed", rss(0, items=item("Lab rents power", None, text="Two gigawatts.")))
    assert cli("feeds", "poll", url).code == 0
    (row,) = json.loads(cli("sql", "SELECT text, read_status FROM articles", "--json").out)
    assert row == {"text": "Lab rents power\n\nTwo gigawatts.", "read_status": "feed"}


def test_a_feed_is_polled_with_headers_whose_secrets_stay_in_the_environment(
    cli: Cli, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWS_LOGIN", "reader:sesame")
    url = web.put("/members", rss(2))
    ran = cli("feeds", "add", url, "--header", "Authorization: Basic ${NEWS_LOGIN}")
    assert ran.code == 0, ran.err
    assert cli("feeds", "poll", url).code == 0
    assert [sent.get("authorization") for path, sent in web.asked if path == "/members"] == [
        "Basic cmVhZGVyOnNlc2FtZQ=="
    ] * 2
    stored = cli("sql", "SELECT * FROM feeds", "--json").out
    assert "${NEWS_LOGIN}" in stored
    assert "sesame" not in stored + cli("feeds", "list", "--json").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["https://reader:sesame@news.example/rss"], "a login does not belong into an address"),
        (["https://news.example/rss", "--header", "Authorization: Bearer abc"], "environment variable"),
        (["https://news.example/rss", "--header", "nonsense"], "is no header"),
        (["https://news.example/rss", "--proxy", "socks5://x"], "a proxy is written like"),
    ],
)
def test_secrets_in_plain_sight_are_refused(cli: Cli, words: list[str], said: str) -> None:
    ran = cli("feeds", "add", "--no-check", *words)
    assert ran.code == 1
    assert said in ran.err
