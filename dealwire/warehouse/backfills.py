"""Filling in: articles from archives beside those from feeds, and how far each source was read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb

from dealwire.warehouse import load
from schemas import Article


class Progress(NamedTuple):
    """How far a part of a source was read."""

    source: str
    part: str
    position: int
    done: bool
    articles: int
    skipped: int
    started_at: datetime
    updated_at: datetime


class Stored(NamedTuple):
    """What became of articles that were given: not there before, a later text than there was, known already."""

    new: int
    revised: int
    known: int


def store_given(con: duckdb.DuckDBPyConnection, given: Iterable[Article]) -> Stored:
    """Store articles of an archive; one that is stored stays, unless it has no text yet or the given text is later."""
    articles = {article.article_id: article for article in given}
    known = load.looked_up(con, "article_addresses", "address_id", "article_id", list(articles))
    for address, article_id in known.items():
        articles[article_id] = articles.pop(address).model_copy(update={"article_id": article_id})
    there = _there(con, list(articles))
    fresh, revised = [], 0
    for article_id, article in articles.items():
        old = there.get(article_id)
        if old is None:
            fresh.append(article)
        elif article.text is not None and old.text_hash != article.text_hash and _later(article, old):
            revised += old.text is not None
            first = min(old.first_seen_at, article.first_seen_at)
            kept = {"first_seen_at": first, "feed_id": old.feed_id, "feed_text": old.feed_text, "url": old.url}
            fresh.append(article.model_copy(update=kept))
    load.store_articles(con, fresh)
    new = sum(article.article_id not in there for article in fresh)
    return Stored(new, revised, len(articles) - new - revised)


def progress(con: duckdb.DuckDBPyConnection, source: str) -> dict[str, Progress]:
    """The parts of a source that were read or begun, by name."""
    columns = ", ".join(Progress._fields)
    rows = con.execute(f"SELECT {columns} FROM backfills WHERE source = ?", [source]).fetchall()
    return {one.part: one for one in (Progress(*row) for row in rows)}


def store_progress(con: duckdb.DuckDBPyConnection, parts: Sequence[Progress]) -> None:
    """Remember how far parts were read."""
    load.put(con, "backfills", (one._asdict() for one in parts), key=["source", "part"])


def _later(article: Article, old: Article) -> bool:
    if old.text is None or old.read_status == "feed":
        return True
    return old.read_at is not None and article.read_at is not None and article.read_at > old.read_at


def _there(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, Article]:
    if not article_ids:
        return {}
    with load.incoming(con, "articles", [{"article_id": one} for one in article_ids]):
        done = con.execute("SELECT articles.* FROM articles SEMI JOIN dealwire_incoming USING (article_id)")
        names = [column[0] for column in done.description or ()]
        return {row[0]: Article(**dict(zip(names, row, strict=True))) for row in done.fetchall()}
