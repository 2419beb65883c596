"""A small warehouse, filled by hand: two feeds, four articles, five deals in three alliances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from dealwire.settings import Settings
from dealwire.warehouse import ledger, load
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.lake import Lake
from schemas import (
    Alliance,
    Article,
    CapacityMention,
    ChipMention,
    CompanyMention,
    Deal,
    DealChange,
    DealClaim,
    DealSource,
    DealStatus,
    Entry,
    Feed,
    Links,
    ModelMention,
    MoneyMention,
    Poll,
    Polled,
    Record,
    content_id,
    slug,
)

NOW = datetime(2025, 11, 18, 12, tzinfo=UTC)
BILLION = Decimal(10) ** 9


@dataclass(frozen=True)
class Extractor:
    """What the warehouse has to know of an extractor."""

    name: str
    record: type[Record]
    table: str
    version: str = "1"
    rests_on: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What one extractor made of one article."""

    extractor: Extractor
    records: Sequence[Record] = ()
    error: str | None = None
    seconds: float = 0.01
    skipped: bool = False
    later: bool = False


COMPANIES = Extractor("companies", CompanyMention, "company_mentions")
MONEY = Extractor("money", MoneyMention, "money_mentions")
CHIPS = Extractor("chips", ChipMention, "chip_mentions")
MODELS = Extractor("models", ModelMention, "model_mentions")
CAPACITY = Extractor("capacity", CapacityMention, "capacity_mentions")
DEALS = Extractor("deals", DealClaim, "deal_claims")
VERSIONS = [ledger.Version(one.name, one.version) for one in (COMPANIES, MONEY, CHIPS, MODELS, CAPACITY, DEALS)]

CATALOGUE = [
    {"company_id": "openai", "name": "OpenAI", "kind": "lab", "country": "US", "aliases": ["Open AI"]},
    {"company_id": "amd", "name": "AMD", "kind": "chips", "country": "US", "ticker": "AMD"},
    {"company_id": "dormant", "name": "Dormant", "kind": "lab"},
]


def article(site: str, title: str, body: str = "", **fields: Any) -> Article:
    """An article that was read; its text is title, blank line, body."""
    url = f"https://{site}/{slug(title)}"
    given = {"first_seen_at": NOW, "published_at": NOW - timedelta(hours=1), "read_status": "page"} | fields
    return Article(
        article_id=content_id(url),
        url=url,
        site=site,
        title=title,
        text=f"{title}\n\n{body}" if body else None,
        **given,
    )


FIRST = article(
    "wire.example",
    "OpenAI and AMD trade chips for stock",
    "OpenAI will buy 6 GW of AMD MI450 chips. AMD takes a stake in OpenAI. GPT-5 will run on them.",
    feed_id="feed-1",
    published_at=NOW - timedelta(days=3),
)
SECOND = article(
    "paper.example",
    "AMD sells to OpenAI",
    "OpenAI agreed to purchase up to $90 billion of AMD systems 🤝 over years.",
    feed_id="feed-2",
    published_at=NOW - timedelta(days=2),
)
THIRD = article(
    "wire.example",
    "Zeta raises $2 billion from Alpha and Beta",
    "Alpha and Beta invested $2 billion in Zeta, and Zeta rents clouds from Alpha for $500 million.",
    feed_id="feed-1",
)
FOURTH = article("blog.example", "Gamma and Delta work together", "Gamma and Delta are in talks to work together.")
ARTICLES = (FIRST, SECOND, THIRD, FOURTH)


def find(record: type[Record], where: Article, words: str, **fields: Any) -> Any:
    """A record whose evidence is the first place of `words` in the article's text."""
    assert where.text is not None
    start = where.text.index(words)
    return record(start=start, end=start + len(words), **fields)


def company(where: Article, name: str, *, known: bool = True) -> CompanyMention:
    """The first place where the article names the company."""
    found: CompanyMention = find(CompanyMention, where, name, company_id=slug(name), name=name, known=known)
    return found


OUTCOMES: list[tuple[str, list[Outcome]]] = [
    (
        FIRST.article_id,
        [
            Outcome(COMPANIES, (company(FIRST, "OpenAI"), company(FIRST, "AMD"))),
            Outcome(MONEY),
            Outcome(
                CHIPS,
                (find(ChipMention, FIRST, "AMD MI450", chip_id="mi450", name="AMD Instinct MI450", vendor="AMD"),),
            ),
            Outcome(MODELS, (find(ModelMention, FIRST, "GPT-5", model_id="gpt-5", name="GPT-5", developer="OpenAI"),)),
            Outcome(CAPACITY, (find(CapacityMention, FIRST, "6 GW", mw_min=6000, mw_max=6000),)),
            Outcome(
                DEALS,
                (
                    find(
                        DealClaim,
                        FIRST,
                        "OpenAI will buy 6 GW of AMD MI450 chips.",
                        kind="purchase",
                        payers=("OpenAI",),
                        payees=("AMD",),
                        capacity_mw_min=6000,
                        capacity_mw_max=6000,
                        confidence=0.9,
                    ),
                    find(
                        DealClaim,
                        FIRST,
                        "AMD takes a stake in OpenAI.",
                        kind="investment",
                        payers=("AMD",),
                        payees=("OpenAI",),
                    ),
                ),
            ),
        ],
    ),
    (
        SECOND.article_id,
        [
            Outcome(COMPANIES, (company(SECOND, "OpenAI"), company(SECOND, "AMD"))),
            Outcome(MONEY, (find(MoneyMention, SECOND, "$90 billion", currency="USD", amount_max=90 * BILLION),)),
            *map(Outcome, (CHIPS, MODELS, CAPACITY)),
            Outcome(
                DEALS,
                (
                    find(
                        DealClaim,
                        SECOND,
                        "OpenAI agreed to purchase up to $90 billion of AMD systems 🤝 over years.",
                        kind="purchase",
                        payers=("OpenAI",),
                        payees=("AMD",),
                        currency="USD",
                        amount_max=90 * BILLION,
                        quoted="up to $90 billion",
                        confidence=0.8,
                    ),
                ),
            ),
        ],
    ),
    (
        THIRD.article_id,
        [
            Outcome(COMPANIES, tuple(company(THIRD, name, known=False) for name in ("Zeta", "Alpha", "Beta"))),
            Outcome(
                MONEY,
                (
                    find(
                        MoneyMention,
                        THIRD,
                        "$2 billion",
                        currency="USD",
                        amount_min=2 * BILLION,
                        amount_max=2 * BILLION,
                    ),
                ),
            ),
            *map(Outcome, (CHIPS, MODELS, CAPACITY)),
            Outcome(
                DEALS,
                (
                    find(
                        DealClaim,
                        THIRD,
                        "Alpha and Beta invested $2 billion in Zeta",
                        kind="investment",
                        payers=("Alpha", "Beta"),
                        payees=("Zeta",),
                        currency="USD",
                        amount_min=2 * BILLION,
                        amount_max=2 * BILLION,
                    ),
                    find(
                        DealClaim,
                        THIRD,
                        "Zeta rents clouds from Alpha for $500 million",
                        kind="purchase",
                        payers=("Zeta",),
                        payees=("Alpha",),
                        currency="USD",
                        amount_min=BILLION / 2,
                        amount_max=BILLION / 2,
                    ),
                ),
            ),
        ],
    ),
    (
        FOURTH.article_id,
        [
            Outcome(COMPANIES, (company(FOURTH, "Gamma", known=False), company(FOURTH, "Delta", known=False))),
            Outcome(MONEY),
            Outcome(CHIPS, error="ValueError: a broken rule"),
            Outcome(MODELS),
            Outcome(CAPACITY),
            Outcome(
                DEALS,
                (
                    find(
                        DealClaim,
                        FOURTH,
                        "Gamma and Delta are in talks to work together.",
                        kind="partnership",
                        status="planned",
                        parties=("Gamma", "Delta"),
                    ),
                ),
            ),
        ],
    ),
]


def deal(deal_id: str, alliance_id: str, kind: str, **fields: Any) -> Deal:
    """A deal told by one article, unless the fields say otherwise."""
    given: dict[str, Any] = {"announced_on": date(2025, 11, 18), "sources": 1, "articles": 1, "confidence": 0.8}
    return Deal(deal_id=deal_id, alliance_id=alliance_id, kind=kind, **given | fields)


def links(claims: dict[tuple[str, str], str]) -> Links:
    """The deals of the sample; `claims` gives the claim's id by article and kind."""
    bounds = {"currency": "USD", "amount_min": 2 * BILLION, "amount_max": 2 * BILLION}
    rent = {"currency": "USD", "amount_min": BILLION / 2, "amount_max": BILLION / 2}
    early = date(2025, 11, 15)
    deals = (
        deal(
            "d-chips",
            "a-amd",
            "purchase",
            payers=("OpenAI",),
            payees=("AMD",),
            currency="USD",
            amount_max=90 * BILLION,
            usd_max=90 * BILLION,
            capacity_mw_min=6000,
            capacity_mw_max=6000,
            sources=2,
            articles=2,
            announced_on=early,
        ),
        deal("d-stake", "a-amd", "investment", payers=("AMD",), payees=("OpenAI",), announced_on=early),
        deal(
            "d-round",
            "a-zeta",
            "investment",
            payers=("Alpha", "Beta"),
            payees=("Zeta",),
            usd_min=2 * BILLION,
            usd_max=2 * BILLION,
            **bounds,
        ),
        deal(
            "d-cloud",
            "a-zeta",
            "purchase",
            payers=("Zeta",),
            payees=("Alpha",),
            usd_min=BILLION / 2,
            usd_max=BILLION / 2,
            **rent,
        ),
        deal("d-talks", "a-gamma", "partnership", status="planned", parties=("Gamma", "Delta")),
    )
    told = [
        ("d-chips", FIRST, "purchase", False),
        ("d-chips", SECOND, "purchase", True),
        ("d-stake", FIRST, "investment", True),
        ("d-round", THIRD, "investment", True),
        ("d-cloud", THIRD, "purchase", True),
        ("d-talks", FOURTH, "partnership", True),
    ]
    return Links(
        deals=deals,
        sources=tuple(
            DealSource(deal_id=name, claim_id=claims[where.article_id, kind], article_id=where.article_id, best=best)
            for name, where, kind, best in told
        ),
        history=(
            DealChange(deal_id="d-chips", status=DealStatus.PLANNED, since=date(2025, 11, 1), claim_id="earlier"),
            *(
                DealChange(deal_id=one.deal_id, status=one.status, since=one.announced_on, claim_id="c")
                for one in deals
            ),
        ),
        alliances=(
            Alliance(
                alliance_id="a-amd",
                title="OpenAI, AMD: chips for stock",
                parties=("OpenAI", "AMD"),
                announced_on=early,
                deals=2,
                sources=2,
                usd_max=90 * BILLION,
            ),
            Alliance(
                alliance_id="a-zeta",
                title="Alpha, Beta, Zeta: $2B round",
                parties=("Alpha", "Beta", "Zeta"),
                announced_on=date(2025, 11, 18),
                deals=2,
                sources=1,
                usd_max=Decimal("2.5") * BILLION,
            ),
            Alliance(
                alliance_id="a-gamma",
                title="Gamma, Delta",
                parties=("Gamma", "Delta"),
                announced_on=date(2025, 11, 18),
                deals=1,
                sources=1,
            ),
        ),
    )


def polled(number: int, *articles: Article, status: str = "ok", failures: int = 0) -> Polled:
    """One visit to feed `number`, an hour after `NOW`, that lists the articles."""
    url, at = f"https://feed{number}.example/rss", NOW + timedelta(hours=1)
    feed = Feed(
        feed_id=f"feed-{number}",
        url=url,
        title=f"Feed {number}",
        added_at=NOW,
        last_polled_at=at,
        last_ok_at=None if failures else at,
        next_due_at=at + timedelta(minutes=30),
        failures=failures,
        last_error="no answer in 30 s" if failures else None,
    )
    poll = Poll(feed_id=feed.feed_id, url=url, polled_at=at, status=status, entries=len(articles), seconds=0.5)
    entries = tuple(Entry(url=one.url, title=one.title, published_at=one.published_at) for one in articles)
    return Polled(poll=poll, feed=feed, entries=entries)


def settings(store: Warehouse, **more: Any) -> Settings:
    """For work on this warehouse, whatever it lies on."""
    given: dict[str, Any] = {"database": store.address.whole if isinstance(store, Lake) else store.path, **more}
    return Settings(**given)


def fill(place: Path | Warehouse) -> Warehouse:
    """A warehouse with all of the above in it: a file, if a path is given."""
    warehouse = place if isinstance(place, Warehouse) else Warehouse(place, wait_seconds=5)
    visits = [polled(1, FIRST, THIRD), polled(2, SECOND), polled(3, status="retry", failures=2)]
    by_url = {one.url: one for one in ARTICLES}
    listed = [(one.feed.feed_id, entry, by_url[entry.url]) for one in visits for entry in one.entries]
    with warehouse.write() as con:
        load.store_feeds(
            con, [Feed(feed_id=f"feed-{n}", url=f"https://feed{n}.example/rss", added_at=NOW) for n in (1, 2, 3)]
        )
        load.store_polled(con, visits, listed)
        load.store_articles(con, ARTICLES)
        load.store_outcomes(con, OUTCOMES)
        found = con.execute("SELECT article_id, kind, record_id FROM deal_claims").fetchall()
        load.store_links(con, links({(where, kind): claim for where, kind, claim in found}))
        load.refresh_names(con, CATALOGUE, [], [])
        load.store_rates(con, [{"currency": "EUR", "day": date(2025, 11, 18), "usd": 1.16}])
    return warehouse
