"""From a feed to the answer of a question, over real HTTP and a real database file."""

import html
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

SEED = Path(__file__).parents[3] / "shared" / "seeds" / "000_b9d4ad400554ee63.txt"

FLOWS = """
SELECT payer, payee, kind, status, currency, amount_min, amount_max, capacity_mw FROM money_flows ORDER BY ALL
"""


def page(title: str, paragraphs: list[str]) -> str:
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    return (
        f"<!doctype html><html><head><title>{html.escape(title)}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{html.escape(title)}</h1>{body}</article><footer>Imprint</footer></body></html>"
    )


@pytest.fixture
def serve() -> Iterator[object]:
    """A function that serves one article behind one RSS feed and returns the feed's address."""
    servers = []

    def start(title: str, content: bytes, content_type: str) -> str:
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                base = f"http://127.0.0.1:{self.server.server_address[1]}"
                feed = (
                    f"<rss version='2.0'><channel><title>Seed</title><link>{base}/</link><item>"
                    f"<title>{html.escape(title)}</title><link>{base}/story</link><guid>1</guid>"
                    "<pubDate>Tue, 18 Nov 2025 15:00:00 GMT</pubDate></item></channel></rss>"
                ).encode()
                known = {"/feed": (feed, "application/rss+xml"), "/story": (content, content_type)}
                if self.path not in known:
                    self.send_error(404)
                    return
                body, kind = known[self.path]
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None: ...

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/feed"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def rows(cli: Cli, query: str) -> list[dict[str, object]]:
    ran = cli("sql", query, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not here")
@pytest.mark.parametrize("form", ["html", "plain"])
def test_the_seed_article_gives_its_four_legs_and_one_alliance(cli: Cli, serve: object, form: str) -> None:
    text = SEED.read_text(encoding="utf-8")
    title, *paragraphs = [line for line in text.splitlines() if line.strip()]
    content = page(title, paragraphs) if form == "html" else text
    url = serve(title, content.encode(), f"text/{form}; charset=utf-8")  # type: ignore[operator]
    assert cli("feeds", "add", url).code == 0
    ran = cli("run", "--inline")
    assert ran.code == 0, ran.err
    flow = ("payer", "payee", "kind", "status", "currency", "amount_min", "amount_max", "capacity_mw")
    assert [tuple(row[name] for name in flow) for row in rows(cli, FLOWS)] == [
        ("Anthropic", "Microsoft", "purchase", "announced", "USD", 30_000_000_000, 30_000_000_000, None),
        ("Anthropic", "NVIDIA", "purchase", "announced", None, None, None, 1000),
        ("Microsoft", "Anthropic", "investment", "announced", "USD", None, 5_000_000_000, None),
        ("NVIDIA", "Anthropic", "investment", "announced", "USD", None, 10_000_000_000, None),
    ]
    alliances = rows(cli, "SELECT alliance_id, parties FROM alliance_overview")
    assert [sorted(row["parties"]) for row in alliances] == [["Anthropic", "Microsoft", "NVIDIA"]]  # type: ignore[call-overload]
    assert len(rows(cli, "SELECT DISTINCT alliance_id FROM money_flows")) == 1
    partners = rows(cli, "SELECT parties FROM deals WHERE kind = 'partnership'")
    both = [sorted(row["parties"]) for row in partners]  # type: ignore[call-overload]
    assert ["Anthropic", "NVIDIA"] in both
    assert ["Microsoft", "NVIDIA"] not in both, "members of an alliance whose legs are told"
    models = {(row["name"], row["developer"]) for row in rows(cli, "SELECT name, developer FROM model_mentions")}
    for name in ("Claude Sonnet 4.5", "Claude Opus 4.1", "Claude Haiku 4.5"):
        assert (name, "Anthropic") in models
    chips = {(row["name"], row["vendor"]) for row in rows(cli, "SELECT name, vendor FROM chip_mentions")}
    assert {("NVIDIA Grace Blackwell", "NVIDIA"), ("NVIDIA Vera Rubin", "NVIDIA")} <= chips
    again = cli("run", "--inline", "--all")
    assert "nothing new" in again.err
    assert len(rows(cli, FLOWS)) == 4


def test_an_article_can_be_shown_and_removed_feeds_keep_their_articles(cli: Cli, serve: object) -> None:
    title = "Vultrix rents chips from CoreWeave"
    text = (
        "AI start-up Vultrix signed a $120 million contract with CoreWeave for computing capacity over three years, "
        "the two companies said on Monday. The order covers 10,000 H100s in Texas and begins in January, and it is the "
        "largest that Vultrix has placed so far."
    )
    url = serve(title, page(title, [text]).encode(), "text/html; charset=utf-8")  # type: ignore[operator]
    assert cli("feeds", "add", url).code == 0
    assert cli("feeds", "add", url).err.startswith("already there")
    assert cli("run", "--inline").code == 0
    listed = json.loads(cli("articles", "list", "--json").out)
    assert [row["title"] for row in listed] == [title]
    shown = cli("articles", "show", listed[0]["article_id"][:6])
    assert shown.code == 0
    assert text in shown.out
    assert cli("feeds", "remove", url).code == 0
    assert json.loads(cli("feeds", "list", "--json").out) == []
    assert len(json.loads(cli("articles", "list", "--json").out)) == 1
    assert cli("articles", "show", "zzzz").code == 1


def test_extract_writes_the_gold_shape_with_exact_offsets(cli: Cli, tmp_path: Path) -> None:
    text = "OpenAI 🤝 AMD\n\nOpenAI will buy chips from AMD for up to $10 billion, the companies said."
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": text}) + "\n\n" + json.dumps({"text": ""}) + "\n")
    ran = cli("extract", "a.jsonl")
    assert ran.code == 0, ran.err
    first, second = (json.loads(line) for line in ran.out.splitlines())
    assert first["id"] == "a"
    spans = {text[one["start"] : one["end"]] for one in first["mentions"]}
    assert {"OpenAI", "AMD", "$10 billion"} <= spans
    money = next(one for one in first["mentions"] if one["label"] == "MONEY")
    assert (money["currency"], money["min"], money["max"]) == ("USD", None, 10_000_000_000)
    assert second["mentions"] == second["deals"] == []
    (tmp_path / "b.txt").write_text("Nvidia invested $5 billion in Intel.")
    plain = cli("extract", "b.txt")
    assert json.loads(plain.out)["id"] == "b.txt"
