"""A warehouse with the sample site's articles, as often as wanted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.extract import articles
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Article, content_id


def store(settings: Settings, count: int, end: Callable[[int], str]) -> None:
    """Store so many articles with the texts of the sample site, a minute apart; `end` makes each another one."""
    texts, first = articles(), datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for number in range(count):
        url, when = f"https://news.example/{number}", first + timedelta(minutes=number)
        made.append(
            Article(
                article_id=content_id(url),
                url=url,
                site="news.example",
                title=f"Story {number}",
                text=f"{texts[number % len(texts)]}\n\n{end(number)}",
                first_seen_at=when,
                published_at=when,
                read_status="page",
            )
        )
    with warehouse(settings).write() as con:
        load.store_articles(con, made)
