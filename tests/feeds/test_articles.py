"""Articles: the page's text without what surrounds it, or the feed's own when the page fails."""

import http.server
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dealwire import steps
from dealwire.feeds import articles
from dealwire.feeds.client import Client
from dealwire.feeds.page_readers import PageReaders
from dealwire.feeds.robots import Robots
from dealwire.feeds.withheld import withheld
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Article, Entry, Reading, StoredPage
from tests.feeds.conftest import Web

NOW = datetime(2025, 11, 18, 15, tzinfo=UTC)
BODY = (
    "Anthropic has agreed to spend $30 billion on computing capacity in the Azure cloud.[1][2] The order runs for years.",
    "Nvidia and Microsoft will invest up to $10 billion and $5 billion respectively, a statement said on Tuesday.[3]",
    "Shares of both fell by more than two percent in New York, on a weak day for technology companies everywhere.",
)
PAGE = (
    "<!doctype html><html lang='en-GB'><head><title>Big order</title><link rel='canonical' href='/story'></head><body>"
    "<div class='cookie-banner'>We value your privacy. <button>Accept</button></div><nav><a href='/'>Home</a></nav>"
    "<article><h1>Big order</h1>{body}<p><a href='#'>Share this article</a></p></article>"
    "<aside class='related'><h2>Related</h2><ul><li><a href='/x'>Ten phones to buy now</a></li></ul></aside>"
    "<footer>Imprint</footer></body></html>"
)


def one(url: str, **entry: object) -> Article:
    return articles.from_entry(Entry(url=url, title="Big order", **entry), feed_id="f", now=NOW)  # type: ignore[arg-type]


def read(client: Client, *pending: Article, attempts: int = 3) -> list[Article]:
    return [one.article for one in readings(client, *pending, attempts=attempts)]


def readings(client: Client, *pending: Article, attempts: int = 3) -> list[Reading]:
    read = articles.read(pending, client=client, now=lambda: NOW, attempts=attempts)
    return [one for batch in read for one in batch]


def test_the_text_is_the_title_and_the_body_alone(web: Web, client: Client) -> None:
    page = PAGE.format(body="".join(f"<p>{text}</p>" for text in BODY))
    (found,) = read(client, one(web.put("/story", page, "text/html; charset=utf-8")))
    assert found.text == "\n\n".join(("Big order", *BODY))
    assert (found.read_status, found.language, found.site) == ("page", "en", "127.0.0.1")


def test_a_slow_page_holds_up_no_others(web: Web) -> None:
    quick = [one(web.put(f"/{number}", PAGE.format(body=f"<p>{BODY[0]}</p>"), "text/html")) for number in range(3)]
    slow, go = one(web.put("/slow", PAGE.format(body=f"<p>{BODY[1]}</p>"), "text/html")), threading.Event()
    answer = web.routes["/slow"]

    def late(handler: http.server.BaseHTTPRequestHandler) -> None:
        go.wait(200)
        answer(handler)

    web.routes["/slow"] = late
    patient = Client(
        contact="tests", read_seconds=240, total_seconds=240, max_bytes=1_000_000, allow_private_hosts=("127.0.0.1",)
    )
    with patient as client:
        batches = articles.read([slow, *quick], client=client, now=lambda: NOW, attempts=3, patience=0.2)
        found: list[str] = []
        while len(found) < 3:
            found += [read.listed_as for read in next(batches)]
        assert sorted(found) == sorted(one.article_id for one in quick)
        go.set()
        assert [read.listed_as for batch in batches for read in batch] == [slow.article_id]


def test_plain_text_is_read_as_it_is(web: Web, client: Client) -> None:
    (found,) = read(client, one(web.put("/story", "Big order\n\n" + "\n".join(BODY), "text/plain; charset=utf-8")))
    assert found.text == "\n\n".join(("Big order", *BODY))


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream"])
def test_plain_text_keeps_its_own_headline_under_another_title(web: Web, client: Client, kind: str) -> None:
    (found,) = read(client, one(web.put("/story", "Cloud order of $30 billion\n" + "\n".join(BODY), kind)))
    assert found.text == "\n\n".join(("Big order", "Cloud order of $30 billion", *BODY))


def test_a_feed_that_carries_far_more_than_the_page_is_preferred(web: Web, client: Client) -> None:
    page = PAGE.format(body="".join(f"<p>{text} {text}</p>" for text in BODY))
    (found,) = read(client, one(web.put("/story", page, "text/html"), content=" ".join(BODY * 6)))
    assert found.read_status == "feed"


def test_the_feeds_own_text_serves_when_the_page_is_gone(web: Web, client: Client) -> None:
    (found,) = read(client, one(web.base + "/nothing", content=" ".join(BODY)))
    assert (found.read_status, found.text) == ("feed", "Big order\n\n" + " ".join(BODY))
    assert "404" in (found.read_error or "")


def test_a_stub_gives_way_to_the_fuller_feed(web: Web, client: Client) -> None:
    page = PAGE.format(body="<p>Subscribe to read on.</p>")
    (found,) = read(client, one(web.put("/story", page, "text/html"), content=" ".join(BODY)))
    assert found.read_status == "feed"


def test_a_page_that_may_come_back_is_tried_again(web: Web, client: Client) -> None:
    url = web.put("/story", "", status=503)
    (first,) = read(client, one(url, summary="Short."), attempts=2)
    assert (first.read_status, first.read_attempts, first.text) == ("pending", 1, None)
    (second,) = read(client, first, attempts=2)
    assert (second.read_status, second.text) == ("feed", "Big order\n\nShort.")


@pytest.mark.parametrize("body", ["", "\x00\x01\x02", "<html>", "<" * 10_000, "<div>" * 5_000])
def test_a_broken_page_costs_no_other(web: Web, client: Client, body: str) -> None:
    good = PAGE.format(body="".join(f"<p>{text}</p>" for text in BODY))
    pending = [one(web.put("/bad", body, "text/html")), one(web.put("/good", good, "text/html"))]
    found = {
        "bad" if one.listed_as == pending[0].article_id else "good": one.article for one in readings(client, *pending)
    }
    assert found["good"].read_status == "page"
    assert found["bad"].text == "Big order"


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("A deal", "A Deal\n\nIt is done.", "A deal\n\nIt is done."),
        ("A  deal ", "It is done.", "A deal\n\nIt is done."),
        ("", "It is done.", "It is done."),
        ("A deal", "", "A deal"),
    ],
)
def test_the_title_stands_once_before_the_body(title: str, body: str, text: str) -> None:
    assert articles.compose(title, body) == text


LONG = [
    f"{text} Part {part} of the report goes on to name figures, plans and people." for part in range(6) for text in BODY
]


def story(*paragraphs: str, head: str = "", title: str = "Big order") -> str:
    """A page without a canonical link."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"


@pytest.mark.parametrize(
    ("page", "mark"),
    [
        (story(BODY[0], "Subscribe to continue reading. Already a subscriber? Log in."), "paywall"),
        (story(BODY[0], head='<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'), "paywall"),
        (story(*BODY, head='<meta property="article:content_tier" content="locked">'), "paywall"),
        (story("We and our 823 partners store and/or access information on a device.", "You can accept all or manage preferences; withdraw consent at any time.", title="Before you continue"), "consent"),
        (story("Verify you are human by completing the action below.", title="Just a moment..."), "challenge"),
        (story(*LONG, "This article is for subscribers of the newsletter, too."), None),
        (story(*BODY, "The publisher said that we and our partners was a phrase readers no longer saw."), None),
        (story(*LONG, head='<script type="application/ld+json">{"@graph":[{"@type":["NewsArticle"],"isAccessibleForFree":false}]}</script>'), None),
    ],
    ids=["notice", "json-ld", "tier", "consent", "challenge", "long", "about-consent", "metered-but-shown"],
)  # fmt: skip
def test_what_stands_in_place_of_the_story_is_recognised(web: Web, client: Client, page: str, mark: str | None) -> None:
    (found,) = read(client, one(web.put("/story", page, "text/html"), summary="Short."))
    assert found.withheld == mark
    if mark in ("consent", "challenge"):
        assert (found.read_status, found.text) == ("feed", "Big order\n\nShort.")
    assert "Subscribe to continue" not in (found.text or "")


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        ("Jetzt weiterlesen mit F+", "paywall"),
        ("Dieser Artikel ist nur für registrierte Leser.", "paywall"),
        ("Il vous reste 73.2% de cet article à lire. La suite est réservée aux abonnés.", "paywall"),
        ("Suscríbete para seguir leyendo. ¿Ya eres suscriptor?", "paywall"),
        ("Contenuto riservato agli abbonati", "paywall"),
        ("Om verder te lezen heb je een abonnement nodig. Al abonnee?", "paywall"),
        ("Assine para continuar lendo", "paywall"),
        ("この記事は有料会員限定です 残り1200文字", "paywall"),
        ("订阅后继续阅读全文", "paywall"),
        ("이 기사는 유료 회원 전용입니다", "paywall"),
        ("Wir und unsere 180 Partner speichern Informationen auf einem Gerät. Alle akzeptieren", "consent"),
        ("Nous et nos partenaires. Tout accepter. Continuer sans accepter", "consent"),
        ("Nosotros y nuestros socios. Aceptar todo. Política de privacidad", "consent"),
        ("Noi e i nostri fornitori. Accetta tutto. Continua senza accettare", "consent"),
        ("Wij en onze partners. Alles accepteren. Privacybeleid", "consent"),
        ("Nós e os nossos parceiros. Aceitar tudo. Política de privacidade", "consent"),
        ("すべてのCookieを許可 プライバシーポリシー", "consent"),
        ("我们和合作伙伴使用 cookie。接受所有 cookie 隐私政策", "consent"),
        ("모든 쿠키 허용 개인정보 처리방침", "consent"),
        ("请稍候… 完成安全验证", "challenge"),
        ("Vérifiez que vous êtes humain", "challenge"),
        ("Die Behörde hat bereits 40 Firmen registriert, die Rechenzentren bauen wollen.", None),
        ("法国和德国有望成为会员国，双方将共同建设数据中心。", None),
        ("ロボットではなく人間が働く工場の売上高は、有料会員の増加で10%伸びた。", None),
        ("Para leer el mercado, los suscriptores del servicio miran los chips.", None),
        ("Le consentement des actionnaires est attendu; la politique de confidentialité change.", None),
    ],
)
def test_what_withholds_a_story_is_known_in_ten_languages(words: str, mark: str | None) -> None:
    shown = withheld(text=words, title=None, body=b"", url="https://news.example/a", free=None)
    assert shown == mark


def test_a_paywall_stub_gives_way_to_the_feeds_own_content(web: Web, client: Client) -> None:
    page = story(BODY[0], "Subscribe to continue reading.")
    (found,) = read(client, one(web.put("/story", page, "text/html"), content="\n\n".join(BODY)))
    assert (found.read_status, found.withheld, found.text) == ("feed", "paywall", "\n\n".join(("Big order", *BODY)))


def test_pages_that_robots_txt_closes_are_not_asked_for(web: Web, client: Client) -> None:
    web.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /closed/\n\nUser-agent: dealwire\nDisallow: /ours/\nAllow: /",
        "text/plain",
    )
    urls = [web.put(path, story(*BODY), "text/html") for path in ("/closed/a", "/ours/a", "/open/a")]
    found = {article.url: article for article in read(client, *(one(url, summary="Short.") for url in urls))}
    assert [found[url].withheld for url in urls] == [None, "robots", None]
    assert found[urls[1]].text == "Big order\n\nShort."
    asked = [path for path, _ in web.asked]
    assert "/ours/a" not in asked
    assert asked.count("/robots.txt") == 1


class Clock:
    """Stands at NOW until it is set."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def asked_for_rules(web: Web) -> int:
    return [path for path, _ in web.asked].count("/robots.txt")


@pytest.mark.parametrize(
    ("headers", "hours", "asked"),
    [
        ({}, 23, 0),
        ({}, 25, 1),
        ({"Cache_Control": "max-age=3600"}, 0.9, 0),
        ({"Cache_Control": "max-age=3600"}, 1.1, 1),
        ({"Cache_Control": "max-age=9999999"}, 25, 1),
        ({"Cache_Control": "no-store"}, 0.1, 0),
        ({"Cache_Control": "no-store"}, 0.2, 1),
    ],
)
def test_rules_are_kept_for_a_day_at_most(
    web: Web, client: Client, headers: dict[str, str], hours: float, asked: int
) -> None:
    clock = Clock()
    web.put("/robots.txt", "User-agent: *\nDisallow: /closed/", "text/plain", **headers)
    first = Robots(client, now=clock)
    assert not first.allowed(web.base + "/closed/a")
    (known,) = first.learned()
    assert (first.learned(), known.site) == ([], web.base)
    clock.at += timedelta(hours=hours)
    later = Robots(client, known=[known], now=clock)
    assert not later.allowed(web.base + "/closed/a")
    assert later.allowed(web.base + "/open/a")
    assert asked_for_rules(web) - 1 == asked == len(later.learned())


def test_a_site_in_trouble_is_read_by_the_rules_it_had(web: Web, client: Client) -> None:
    clock = Clock()
    web.put("/robots.txt", "User-agent: *\nDisallow: /closed/", "text/plain")
    before = Robots(client, now=clock)
    assert before.allowed(web.base + "/open/a")
    web.put("/robots.txt", "", status=503)
    clock.at += timedelta(days=3)
    now = Robots(client, known=before.learned(), now=clock)
    assert (now.allowed(web.base + "/open/a"), now.allowed(web.base + "/closed/a")) == (True, False)
    assert now.learned() == []


def test_rules_are_stored_and_not_asked_for_in_the_next_run(web: Web, tmp_path: Path, pages: PageReaders) -> None:
    settings = Settings(database=tmp_path / "rules.duckdb", allow_private_hosts=("127.0.0.1",), total_seconds=3)
    web.put("/robots.txt", "User-agent: *\nDisallow: /closed/", "text/plain")
    for number, path in enumerate(("/open/a", "/closed/b", "/open/c")):
        with steps.warehouse(settings).write() as db:
            load.store_articles(db, [one(web.put(path, story(*BODY), "text/html"), summary="Short.")])
        steps.read(settings, now=lambda: NOW, pages=pages)
        with steps.warehouse(settings).write() as db:
            withheld = db.execute("SELECT count(*) FROM articles WHERE withheld = 'robots'").fetchall()
        assert withheld == [(min(number, 1),)]
    assert asked_for_rules(web) == 1


@pytest.mark.parametrize(("status", "attempt"), [(404, "page"), (403, "page"), (503, "pending"), (429, "pending")])
def test_a_site_in_trouble_is_not_read_until_its_rules_are_there(
    web: Web, client: Client, status: int, attempt: str
) -> None:
    web.put("/robots.txt", "", status=status)
    (found,) = read(client, one(web.put("/story", story(*BODY), "text/html")))
    assert found.read_status == attempt


def test_a_crawl_delay_is_kept(web: Web, client: Client) -> None:
    web.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.4", "text/plain")
    started = time.monotonic()
    read(client, *(one(web.put(f"/{number}", story(*BODY), "text/html")) for number in range(3)))
    assert time.monotonic() - started > 0.75


def test_title_author_date_and_language_are_read(web: Web, client: Client) -> None:
    head = """<script type="application/ld+json">{"@type":"NewsArticle","headline":"Großauftrag","datePublished":"2025-11-18T09:30:00+01:00",
    "author":[{"@type":"Person","name":"Ana Kim"}]}</script>"""
    german = (
        "Das Unternehmen hat am Dienstag einen Auftrag über zehn Milliarden Euro für Rechenzentren in Sachsen vergeben."
    )
    page = story(german, german + " Die Aktie stieg.", german + " Mehr folgt.", head=head, title="Großauftrag").replace(
        "lang='en'", "lang='en-US'"
    )
    (found,) = read(client, articles.from_entry(Entry(url=web.put("/s", page, "text/html")), feed_id="f", now=NOW))
    assert (found.title, found.author, found.language) == ("Großauftrag", "Ana Kim", "de")
    assert found.published_at == datetime(2025, 11, 18, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("canonical", "id_of"),
    [
        ("/2025/order", "/2025/order"),
        ("/2025/order?utm_source=x", "/2025/order"),
        ("/", "/2025/order/amp?id=3"),
        ("/2025", "/2025/order/amp?id=3"),
        ("https://other.example/2025/order", "/2025/order/amp?id=3"),
        ("javascript:alert(1)", "/2025/order/amp?id=3"),
        ("http://[broken", "/2025/order/amp?id=3"),
    ],
)
def test_a_canonical_link_counts_if_it_can_be_meant(web: Web, client: Client, canonical: str, id_of: str) -> None:
    page = story(*BODY, head=f'<link rel="canonical" href="{canonical}">')
    (found,) = read(client, one(web.put("/2025/order/amp?id=3", page, "text/html")))
    assert found.article_id == one(web.base + id_of).article_id


def test_the_page_is_handed_over_and_can_be_read_again(web: Web, client: Client) -> None:
    page = story(*BODY)
    (found,) = readings(client, one(web.put("/story", page, "text/html")))
    assert isinstance(found.page, StoredPage)
    assert found.page.body == page.encode()
    again = articles.read_again(found.article.model_copy(update={"text": "Old\n\nreading"}), found.page, now=NOW)
    assert again.text == found.article.text
