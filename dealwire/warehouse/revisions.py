"""What becomes of an article over time: new texts replace old ones, and addresses turn out to be the same story."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from dealwire.warehouse import load
from schemas import Article, Entry, Reading, StoredPage
from schemas.ids import content_id

# The feed that told it first says how it is titled; another one's text counts if it is the fuller one.
_CHANGED = """
UPDATE articles SET
    changed_at = CASE WHEN read_status = 'pending' THEN NULL ELSE told.changed_at END,
    title = CASE WHEN articles.feed_id = told.feed_id AND told.title <> '' THEN told.title ELSE articles.title END,
    feed_text = CASE
        WHEN articles.feed_id = told.feed_id OR length(told.feed_text) > length(coalesce(articles.feed_text, ''))
            THEN told.feed_text
        ELSE articles.feed_text
    END
FROM dealwire_incoming AS told
WHERE articles.article_id = told.article_id
"""

Listed = tuple[str, Entry, Article]
"""A feed's id, an entry that it lists, and the article that the entry makes."""
# Share of words that two readings of one story have in common at least.
_ALIKE = 0.6


def told_hash(entry: Entry) -> str:
    """Changes when the feed tells the story in other words."""
    return content_id(entry.title, entry.summary, entry.content)


def at_known_addresses(con: duckdb.DuckDBPyConnection, listed: Sequence[Listed]) -> list[Listed]:
    """The same, with the id of the story where an address is known to be another one's."""
    ids = list({article.article_id for _, _, article in listed})
    known = load.looked_up(con, "article_addresses", "address_id", "article_id", ids)
    if not known:
        return list(listed)
    return [
        (feed_id, entry, article.model_copy(update={"article_id": known.get(article.article_id, article.article_id)}))
        for feed_id, entry, article in listed
    ]


def note_changes(con: duckdb.DuckDBPyConnection, listed: Sequence[Listed]) -> int:
    """Mark the articles that a feed tells otherwise than before, to be read again; how many.

    Call it after the entries were stored.
    """
    told = {content_id(feed_id, article.article_id): (feed_id, entry, article) for feed_id, entry, article in listed}
    before = load.looked_up(con, "entries", "entry_id", "told_hash", list(told))
    entries, articles, whole = [], [], []
    for entry_id, (feed_id, entry, article) in told.items():
        digest = told_hash(entry)
        if entry_id not in before or before[entry_id] == digest:
            continue
        entries.append({"entry_id": entry_id, "told_hash": digest, "title": entry.title})
        # A row of before this column existed is filled in; that is no change.
        if before[entry_id] is None:
            continue
        if article.text is not None:
            # The entry is all there is of it; there is no page to read again.
            whole.append(article)
        else:
            row = {"article_id": article.article_id, "feed_id": feed_id, "changed_at": article.first_seen_at}
            articles.append(row | {"title": entry.title, "feed_text": article.feed_text})
    if entries:
        with load.incoming(con, "entries", entries):
            con.execute(
                "UPDATE entries SET told_hash = told.told_hash, title = told.title "
                "FROM dealwire_incoming AS told WHERE entries.entry_id = told.entry_id"
            )
    if articles:
        with load.incoming(con, "articles", articles):
            con.execute(_CHANGED)
    stored = _rows_of(con, [article.article_id for article in whole])
    seen = {one: row["first_seen_at"] for one, row in stored.items()}
    load.store_articles(
        con, (one.model_copy(update={"first_seen_at": seen[one.article_id]}) for one in whole if one.article_id in seen)
    )
    return len(articles) + len(whole)


def replace(con: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]], *, now: datetime | None = None) -> int:
    """Before these rows of `articles` are stored: keep the texts that they replace, and forget what was read in those.

    Sets `revision` in the rows. Returns how many texts are new.
    """
    stored = _rows_of(con, [row["article_id"] for row in rows])
    earlier = []
    for row in rows:
        old = stored.get(row["article_id"])
        if old is None:
            continue
        row["revision"] = old["revision"] or 1
        if old["text"] is not None and row["text"] is not None and old["text_hash"] != row["text_hash"]:
            row["revision"] += 1
            # The title may be the feed's new one already; the text begins with its own.
            title = old["title"] if old["text"].startswith(old["title"] or "") else old["text"].partition("\n")[0]
            kept = {name: old[name] for name in _KEPT} | {"title": title, "revision": old["revision"] or 1}
            earlier.append(kept | {"replaced_at": now or datetime.now(UTC)})
    load.put(con, "article_revisions", earlier, key=["article_id", "revision"])
    _forget_records(con, [row["article_id"] for row in earlier])
    return len(earlier)


def store_readings(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> int:
    """Store what reading gave: texts, revisions, pages, and articles that are one under another address.

    Returns the number of new revisions.
    """
    settled: dict[str, Article] = {}
    pages: list[StoredPage] = []
    moved: dict[str, Article] = {}
    renamed = [reading for reading in readings if reading.article.article_id != reading.listed_as]
    there = _rows_of(con, [one for reading in renamed for one in (reading.article.article_id, reading.listed_as)])
    for reading in readings:
        article, page = reading.article, reading.page
        if article.article_id != reading.listed_as:
            known = settled.get(article.article_id) or _article(there.get(article.article_id))
            if known is None or known.text is None or _alike(known, article):
                moved[reading.listed_as] = article
                if known is not None and known.text is not None:
                    continue
                if known is not None:
                    first = min(known.first_seen_at, article.first_seen_at)
                    article = article.model_copy(update={"first_seen_at": first})
            else:
                # Pages that name one address and tell different stories: the address is the publisher's mistake.
                own = there.get(reading.listed_as, {})
                own = {name: own[name] for name in ("url", "site") if name in own}
                article = article.model_copy(update={"article_id": reading.listed_as} | own)
        settled[article.article_id] = article
        if page is not None:
            pages.append(page.model_copy(update={"article_id": article.article_id}))
    new = load.store_articles(con, settled.values())
    _move(con, moved)
    store_pages(con, pages)
    return new


def store_pages(con: duckdb.DuckDBPyConnection, pages: Iterable[StoredPage]) -> None:
    """Keep pages, compressed; an earlier page of the same article is replaced."""
    import zstandard

    packer = zstandard.ZstdCompressor(level=6)
    rows = [{name: getattr(page, name) for name in StoredPage.model_fields} for page in pages]
    load.put(con, "pages", [row | {"body": packer.compress(row["body"])} for row in rows], key=["article_id"])


def stored_pages(
    con: duckdb.DuckDBPyConnection, *, after: str = "", limit: int = 100
) -> list[tuple[Article, StoredPage]]:
    """Articles whose page is kept, each with it, in the order of their ids from `after` on."""
    import zstandard

    done = con.execute(
        "SELECT article_id, url, content_type, fetched_at, body FROM pages WHERE article_id > ? "
        "ORDER BY article_id LIMIT ?",
        [after, limit],
    )
    names = [column[0] for column in done.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
    # `incoming` needs no table of its own, so a read-only connection will do.
    articles = _rows_of(con, [row["article_id"] for row in rows])
    return [
        (
            Article(**articles[row["article_id"]]),
            StoredPage(**row | {"body": zstandard.ZstdDecompressor().decompress(row["body"])}),
        )
        for row in rows
        if row["article_id"] in articles
    ]


def page_count(con: duckdb.DuckDBPyConnection) -> int:
    """How many pages are kept."""
    row = con.execute("SELECT count(*) FROM pages").fetchone()
    return int(row[0]) if row else 0


def drop_old_pages(con: duckdb.DuckDBPyConnection, now: datetime, days: float) -> int:
    """Forget pages that were fetched more than `days` ago; how many."""
    done = con.execute("DELETE FROM pages WHERE fetched_at < ?", [now - timedelta(days=days)]).fetchone()
    return int(done[0]) if done else 0


def _move(con: duckdb.DuckDBPyConnection, moved: Mapping[str, Article]) -> None:
    """Entries that led to one id lead to another from now on, and the address is remembered."""
    if not moved:
        return
    now = datetime.now(UTC)
    old = _rows_of(con, list(moved))
    load.put(
        con,
        "article_addresses",
        (
            {
                "address_id": address,
                "article_id": article.article_id,
                "url": old[address]["url"] if address in old else article.url,
                "found_at": now,
            }
            for address, article in moved.items()
        ),
        key=["address_id"],
    )
    with load.incoming(con, "article_addresses", [{"address_id": one} for one in moved]):
        con.execute("DELETE FROM articles USING dealwire_incoming WHERE articles.article_id = address_id")
        done = con.execute(
            "SELECT entries.* FROM entries JOIN dealwire_incoming ON entries.article_id = dealwire_incoming.address_id"
        )
        names = [column[0] for column in done.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
        con.execute("DELETE FROM entries USING dealwire_incoming WHERE entries.article_id = address_id")
    for row in rows:
        row["article_id"] = moved[row["article_id"]].article_id
        row["entry_id"] = content_id(row["feed_id"], row["article_id"])
    load.put(con, "entries", rows, key=["entry_id"])


def _forget_records(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> None:
    """Offsets into a text that is gone would point at the wrong words until the article is extracted again."""
    if not article_ids:
        return
    tables = con.execute(
        "SELECT columns.table_name FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_catalog, table_schema, table_name) WHERE table_type = 'BASE TABLE' "
        "AND table_catalog = current_database() "
        "AND column_name IN ('record_id', 'article_id', 'extractor', 'start_char') "
        "GROUP BY columns.table_name HAVING count(*) = 4"
    ).fetchall()
    with load.incoming(con, "articles", [{"article_id": one} for one in article_ids]):
        for (table,) in tables:
            con.execute(
                f'DELETE FROM "{table}" AS old USING dealwire_incoming '
                "WHERE old.article_id = dealwire_incoming.article_id"
            )


_KEPT = ("article_id", "revision", "title", "text", "text_hash", "author", "published_at", "read_status", "read_at")


def _rows_of(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    if not article_ids:
        return {}
    with load.incoming(con, "articles", [{"article_id": one} for one in set(article_ids)]):
        done = con.execute("SELECT articles.* FROM articles SEMI JOIN dealwire_incoming USING (article_id)")
        names = [column[0] for column in done.description or ()]
        return {row[0]: dict(zip(names, row, strict=True)) for row in done.fetchall()}


def _article(row: dict[str, Any] | None) -> Article | None:
    return None if row is None else Article(**row)


def _alike(one: Article, other: Article) -> bool:
    """Whether two texts tell one story: most of their words are the same."""
    first, second = ({*(text.text or "").casefold().split()} for text in (one, other))
    return len(first & second) >= _ALIKE * max(1, min(len(first), len(second)))
