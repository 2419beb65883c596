"""Linking 100,000 made-up claims from nothing, adding 1,000 to them, and asking for one company's alliances.

`python -m benchmarks.link [CLAIMS] [news|crowded]`, each in a process of its own. Wanted: under 60 s and 1.5 GB, under
3 s, under 0.1 s.

`news` is made as annotated news is (`training/news`): a company's deals fall off with its rank, the first is in a tenth
of all; a deal in six has more than two companies; announcements make one to four deals; a few are told hundreds of
times and as background for a year, most once or twice, often without the sum or with some of the investors alone.

`crowded` is what no news is like: one company is in half of all deals, and buys another three hundred times in three
years. It shows what linking costs where hardly anything tells deals apart.
"""

import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from dealwire import steps
from dealwire.settings import Settings
from dealwire.warehouse import load, queries
from extractors import builtin
from extractors.run import Outcome
from schemas import Article, DealClaim, DealKind, DealStatus, content_id

MORE = 1_000
DAYS = 1_000
A_STORY = 5
"""Claims of an article of the crowded claims."""
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
Told = tuple[Article, tuple[Outcome, ...]]
Corpus = Callable[[random.Random, int, str, float], Iterator[Told]]
"""From chance, a number of claims, the articles' name and the first day: articles with their claims."""


def main() -> None:
    """Print one line a question."""
    words = sys.argv[1:]
    count = next((int(word) for word in words if word.isdigit()), 100_000)
    for name in [word for word in words if word in CORPORA] or CORPORA:
        # Memory is counted for a whole process.
        child = multiprocessing.get_context("spawn").Process(target=measure, args=(name, count))
        child.start()
        child.join()


def measure(name: str, count: int) -> None:
    """Link claims of one sort."""
    rng = random.Random(3)
    articles = CORPORA[name](rng, count)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=Path(folder) / "link.duckdb")
        _store(settings, articles(rng, count, "a", 0))
        _timed(f"{name}: {count:,} claims from nothing", settings)
        _store(settings, articles(rng, MORE, "b", 0))
        _timed(f"{name}: {MORE:,} more claims, of any day", settings)
        _store(settings, articles(rng, MORE, "c", DAYS - 3))
        _timed(f"{name}: {MORE:,} more claims, of the last days", settings)
        with steps.warehouse(settings).read() as con:
            for _ in range(2):
                started, before = time.perf_counter(), time.process_time()
                found = queries.alliances(con, party="Company 1", limit=20)
                wall, cpu = time.perf_counter() - started, time.process_time() - before
        print(f"{name}: alliances of one company: {len(found)} in {wall * 1000:.0f} ms, {cpu * 1000:.0f} CPU ms")


def _timed(what: str, settings: Settings) -> None:
    started, before = time.perf_counter(), time.process_time()
    report = steps.link(settings)
    wall, cpu = time.perf_counter() - started, time.process_time() - before
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what}: {report.deals:,} deals in {report.alliances:,} alliances ({report.new_deals:,} new), "
        f"{wall:.1f} s, {cpu:.1f} CPU s, {most:,.0f} MB",
        flush=True,
    )


class Announcement(NamedTuple):
    """Deals that are made at once, on a day counted from the first."""

    day: float
    deals: tuple[DealClaim, ...]


class News:
    """Announcements, and articles that tell of them."""

    def __init__(self, rng: random.Random, claims: int) -> None:
        companies = [f"Company {number}" for number in range(1, claims // 8 + 10)]
        self._companies = companies
        self._shares = list(accumulate(1 / (rank + 3) for rank in range(len(companies))))
        self._told = sorted(
            (self._announcement(rng) for _ in range(claims // 6)), key=lambda announcement: announcement.day
        )
        self._of: dict[str, list[Announcement]] = {}
        for one in self._told:
            for company in {name for deal in one.deals for name in _names(deal)}:
                self._of.setdefault(company, []).append(one)
        self._fame = [min(200.0, rng.paretovariate(1.1)) for _ in self._told]

    def __call__(self, rng: random.Random, claims: int, name: str, since: float) -> Iterator[Told]:
        """Articles with so many claims, of announcements from a day on."""
        at = next(place for place, one in enumerate(self._told) if one.day >= since)
        fame = list(accumulate(self._fame[at:]))
        number = 0
        while claims > 0:
            (one,) = rng.choices(self._told[at:] if at else self._told, cum_weights=fame)
            delay = rng.choices((rng.uniform(0, 3), rng.uniform(0, 30), rng.uniform(0, 400)), (16, 3, 1))[0]
            found = [_retold(rng, deal) for deal in one.deals if rng.random() < 0.8]
            if rng.random() < 0.5:
                company = _names(one.deals[0])[0]
                earlier = rng.choice(self._of[company])
                if earlier.day < one.day:
                    found.append(_retold(rng, earlier.deals[0]))
            if rng.random() < 0.08:
                delay = -rng.uniform(0, 30)
                found = [deal.model_copy(update={"status": DealStatus.PLANNED}) for deal in found]
            yield _article(rng, f"{name}{number}", one.day + delay, found[:claims])
            claims -= len(found)
            number += 1

    def _company(self, rng: random.Random) -> str:
        return rng.choices(self._companies, cum_weights=self._shares)[0]

    def _announcement(self, rng: random.Random) -> Announcement:
        one = self._company(rng)
        deals = tuple(self._deal(rng, one) for _ in range(rng.choices((1, 2, 3, 4), (8, 4, 2, 1))[0]))
        return Announcement(rng.uniform(0, DAYS), deals)

    def _deal(self, rng: random.Random, company: str) -> DealClaim:
        kind = rng.choices(list(DealKind), (24, 25, 23, 5, 7, 5, 11))[0]
        others = rng.choices((1, 2, 3, 4, 5, 7, 9), (60, 14, 9, 5, 5, 4, 3))[0] if kind in _SEVERAL else 1
        names = list(dict.fromkeys([company, *(self._company(rng) for _ in range(others + 2))]))[: others + 1]
        if len(names) < 2:
            names.append("Company 0")
        value = (
            Decimal(rng.choice((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6.5, 7.5, 8)))
            * 10 ** rng.choices((6, 7, 8, 9, 10), (20, 40, 25, 12, 3))[0]
        )
        return _claim(rng, kind, names[1:] if kind in _SEVERAL else names[1:2], names[:1], value)


_SEVERAL = (DealKind.INVESTMENT, DealKind.FINANCING, DealKind.PARTNERSHIP, DealKind.JOINT_VENTURE)


def _retold(rng: random.Random, deal: DealClaim) -> DealClaim:
    """The deal as one of many outlets tells it."""
    update: dict[str, object] = {"confidence": round(rng.uniform(0.4, 0.95), 2)}
    if rng.random() < 0.25:
        update |= {"currency": None, "amount_min": None, "amount_max": None}
    elif deal.amount_max and rng.random() < 0.06:
        update["amount_max"] = update["amount_min"] = deal.amount_max * Decimal(rng.choice(("0.9", "1.02", "1.1")))
    elif rng.random() < 0.1:
        update["amount_min"] = None
    if len(deal.payers) > 1 and rng.random() < 0.3:
        update["payers"] = deal.payers[: rng.randint(1, len(deal.payers) - 1)]
    return deal.model_copy(update=update)


def _names(deal: DealClaim) -> tuple[str, ...]:
    return (*deal.payees, *deal.parties, *deal.payers)


def crowded(rng: random.Random, count: int) -> Corpus:
    """Few companies, and few pairs of them in most deals; deals that lie side by side are told together."""
    deals = []
    for _ in range(count // 4):
        one, other, *more = (f"Company {int(rng.paretovariate(0.5)) % 3000}" for _ in range(4))
        if one == other:
            other = "Company 3000"
        kind = rng.choices(list(DealKind), (8, 4, 6, 2, 2, 1, 5))[0]
        payers = (
            tuple(dict.fromkeys([one, *more[: rng.choice((0, 0, 1, 2))]])) if kind is DealKind.INVESTMENT else (one,)
        )
        value = Decimal(rng.randint(1, 400)) * 10 ** rng.randint(6, 8) if rng.random() < 0.7 else None
        deals.append(_claim(rng, kind, list(payers), [other], value))

    def articles(rng: random.Random, claims: int, name: str, since: float) -> Iterator[Told]:
        for number in range(claims // A_STORY):
            # Each about four times in all.
            at = rng.randrange(int(since / DAYS * len(deals)), len(deals))
            told = [deals[(at + step) % len(deals)] for step in range(A_STORY)]
            yield _article(rng, f"{name}{number}", at / len(deals) * DAYS + rng.uniform(0, 3), told)

    return articles


CORPORA: dict[str, Callable[[random.Random, int], Corpus]] = {"news": News, "crowded": crowded}


def _claim(
    rng: random.Random, kind: DealKind, payers: list[str], payees: list[str], value: Decimal | None
) -> DealClaim:
    return DealClaim(
        start=0,
        end=40,
        kind=kind,
        status=rng.choices(list(DealStatus), (2, 7, 1))[0],
        payers=tuple(payers) if kind.directed else (),
        payees=tuple(payees) if kind.directed else (),
        parties=() if kind.directed else (*payers, *payees),
        currency="USD" if value else None,
        amount_min=value,
        amount_max=value,
        confidence=round(rng.uniform(0.4, 0.95), 2),
    )


def _article(rng: random.Random, name: str, day: float, told: list[DealClaim]) -> Told:
    deal = next(one for one in builtin.extractors() if one.name == "deals")
    found = tuple(one.model_copy(update={"start": 50 * at, "end": 50 * at + 40}) for at, one in enumerate(told))
    url = f"https://site{rng.randrange(60)}.example/{name}"
    when = FIRST + timedelta(days=day)
    article = Article(
        article_id=content_id(url),
        url=url,
        site=url.split("/")[2],
        title=f"Story {name}",
        text="x" * 50 * max(A_STORY, len(found)),
        published_at=when,
        first_seen_at=when,
        read_status="page",
    )
    return article, (Outcome(deal, found, None, 0.0),)


def _store(settings: Settings, told: Iterator[Told]) -> None:
    pairs = list(told)
    with steps.warehouse(settings).write() as con:
        load.store_articles(con, [article for article, _ in pairs])
        load.store_outcomes(con, [(article.article_id, outcomes) for article, outcomes in pairs])


if __name__ == "__main__":
    main()
