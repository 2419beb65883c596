"""Linking 100,000 made-up claims from nothing, adding 1,000 to them, and asking for one company's alliances.

`python -m benchmarks.link [CLAIMS]`. Wanted: under 60 s and 1.5 GB, under 3 s, under 0.1 s.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from dealwire import steps
from dealwire.settings import Settings
from dealwire.warehouse import load, queries
from extractors import builtin
from extractors.run import Outcome
from schemas import Article, DealClaim, DealKind, DealStatus, content_id

MORE = 1_000
A_STORY = 5
"""Claims of an article."""


def main() -> None:
    """Print one line a question."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=Path(folder) / "link.duckdb")
        rng = random.Random(3)
        deals = list(_deals(rng, count // 4))
        _store(settings, _articles(rng, deals, count, "a"))
        _timed(f"{count:,} claims from nothing", settings)
        _store(settings, _articles(rng, deals, MORE, "b"))
        _timed(f"{MORE:,} more claims", settings)
        with steps.warehouse(settings).read() as con:
            for _ in range(2):
                started = time.perf_counter()
                found = queries.alliances(con, party="Company 1", limit=20)
                took = time.perf_counter() - started
        print(f"alliances of one company: {len(found)} in {took * 1000:.0f} ms")


def _timed(what: str, settings: Settings) -> None:
    started, before = time.perf_counter(), time.process_time()
    report = steps.link(settings)
    wall, cpu = time.perf_counter() - started, time.process_time() - before
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what}: {report.deals:,} deals in {report.alliances:,} alliances ({report.new_deals:,} new), "
        f"{wall:.1f} s, {cpu:.1f} CPU s, {most:,.0f} MB"
    )


def _deals(rng: random.Random, count: int) -> Iterator[DealClaim]:
    """Deals between companies of which few are in many, as in the news."""
    kinds, statuses = list(DealKind), list(DealStatus)
    for _ in range(count):
        one, other, *more = (f"Company {int(rng.paretovariate(0.5)) % 3000}" for _ in range(4))
        if one == other:
            other = "Company 3000"
        kind = rng.choices(kinds, (8, 4, 6, 2, 2, 1, 5))[0]
        payers = (
            tuple(dict.fromkeys([one, *more[: rng.choice((0, 0, 1, 2))]])) if kind is DealKind.INVESTMENT else (one,)
        )
        value = Decimal(rng.randint(1, 400)) * 10 ** rng.randint(6, 8) if rng.random() < 0.7 else None
        yield DealClaim(
            start=0,
            end=40,
            kind=kind,
            status=rng.choices(statuses, (2, 7, 1))[0],
            payers=payers if kind.directed else (),
            payees=(other,) if kind.directed else (),
            parties=() if kind.directed else (one, other),
            currency="USD" if value else None,
            amount_min=value,
            amount_max=value,
            confidence=round(rng.uniform(0.4, 0.95), 2),
        )


def _articles(
    rng: random.Random, deals: list[DealClaim], claims: int, name: str
) -> Iterator[tuple[Article, tuple[Outcome, ...]]]:
    deal = next(one for one in builtin.extractors() if one.name == "deals")
    first = datetime(2023, 1, 1, tzinfo=UTC)
    for number in range(claims // A_STORY):
        # Deals that lie side by side are told together, each about four times in all.
        at = rng.randrange(len(deals))
        told = [
            deals[(at + step) % len(deals)].model_copy(update={"start": 50 * step, "end": 50 * step + 40})
            for step in range(A_STORY)
        ]
        when = first + timedelta(hours=at / len(deals) * 24 * 1000 + rng.uniform(0, 72))
        url = f"https://site{rng.randrange(60)}.example/{name}{number}"
        article = Article(
            article_id=content_id(url),
            url=url,
            site=url.split("/")[2],
            title=f"Story {name}{number}",
            text="x" * 50 * A_STORY,
            published_at=when,
            first_seen_at=when,
            read_status="page",
        )
        yield article, (Outcome(deal, tuple(told), None, 0.0),)


def _store(settings: Settings, told: Iterator[tuple[Article, tuple[Outcome, ...]]]) -> None:
    pairs = list(told)
    with steps.warehouse(settings).write() as con:
        load.store_articles(con, [article for article, _ in pairs])
        load.store_outcomes(con, [(article.article_id, outcomes) for article, outcomes in pairs])


if __name__ == "__main__":
    main()
