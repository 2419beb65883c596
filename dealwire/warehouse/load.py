"""Storing records: rows go in through Arrow, in the caller's transaction, and replace what they renew."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import duckdb
from pydantic import BaseModel

from dealwire.warehouse import record_tables
from schemas import Article, Entry, Feed, Links, Polled
from schemas.ids import content_id
from schemas.record import Record

Row = Mapping[str, Any]


class ExtractorLike(Protocol):
    """What storing needs to know of an extractor."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def record(self) -> type[Record]: ...


class OutcomeLike(Protocol):
    """What one extractor made of one article."""

    @property
    def extractor(self) -> ExtractorLike: ...
    @property
    def records(self) -> Sequence[Record]: ...
    @property
    def error(self) -> str | None: ...
    @property
    def seconds(self) -> float: ...


def put(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row], *, key: Sequence[str] = ()) -> int:
    """Insert rows; with a `key`, rows of the same key that are stored already are replaced. The number of rows."""
    found = list({tuple(row[name] for name in key): row for row in rows}.values()) if key else list(rows)
    if not found:
        return 0
    import pyarrow as pa

    schema = con.sql(f'SELECT * FROM "{table}" LIMIT 0').to_arrow_table().schema
    fitted = [{name: _fit(value) for name, value in row.items()} for row in found]
    # Named so that a table of the user's cannot be meant.
    con.register("dealwire_incoming", pa.Table.from_pylist(fitted, schema=pa.schema([schema.field(n) for n in fitted[0]])))
    if key:
        same = " AND ".join(f'old."{name}" = dealwire_incoming."{name}"' for name in key)
        con.execute(f'DELETE FROM "{table}" AS old USING dealwire_incoming WHERE {same}')
    con.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM dealwire_incoming')
    con.unregister("dealwire_incoming")
    return len(found)


def store_feeds(con: duckdb.DuckDBPyConnection, feeds: Iterable[Feed]) -> None:
    """Store feeds, replacing those of the same id."""
    put(con, "feeds", map(_row, feeds), key=["feed_id"])


def remove_feed(con: duckdb.DuckDBPyConnection, feed_id: str) -> None:
    """Forget a feed; its polls, entries and articles stay."""
    con.execute("DELETE FROM feeds WHERE feed_id = ?", [feed_id])


def store_polled(
    con: duckdb.DuckDBPyConnection, polled: Sequence[Polled], listed: Sequence[tuple[str, Entry, Article]]
) -> int:
    """Store what polling brought: the feeds' new state, the visits, entries and articles not seen before.

    `listed` holds the feed's id, the entry and the article that it makes. Returns the number of new articles.
    """
    there = {row[0] for row in con.execute("SELECT feed_id FROM feeds").fetchall()}
    # A feed that was removed while it was polled stays removed.
    put(con, "feeds", (_row(one.feed) for one in polled if one.feed.feed_id in there), key=["feed_id"])
    fresh = _absent(con, "articles", "article_id", {article.article_id: article for _, _, article in reversed(listed)})
    put(con, "articles", map(_row, fresh.values()))
    entries = {
        (entry_id := content_id(feed_id, article.article_id)): {
            "entry_id": entry_id,
            "feed_id": feed_id,
            "article_id": article.article_id,
            "guid": entry.guid,
            "url": entry.url,
            "title": entry.title,
            "published_at": entry.published_at,
            "first_seen_at": article.first_seen_at,
        }
        for feed_id, entry, article in listed
    }
    new_entries = _absent(con, "entries", "entry_id", entries)
    put(con, "entries", new_entries.values())
    counts: dict[str, int] = {}
    for row in new_entries.values():
        counts[row["feed_id"]] = counts.get(row["feed_id"], 0) + 1
    put(con, "polls", (_row(one.poll) | {"new": counts.get(one.feed.feed_id, 0)} for one in polled))
    return len(fresh)


def store_articles(con: duckdb.DuckDBPyConnection, articles: Iterable[Article]) -> None:
    """Store articles, replacing those of the same id."""
    put(con, "articles", map(_row, articles), key=["article_id"])


def store_outcomes(
    con: duckdb.DuckDBPyConnection, extracted: Sequence[tuple[str, Sequence[OutcomeLike]]], *, now: datetime | None = None
) -> None:
    """Store what extractors found: an article's rows of an extractor are replaced, and the ledger says so.

    `extracted` holds an article's id and its outcomes. Raises `RecordIncompatible`.
    """
    at = now or datetime.now(UTC)
    hashes = dict(con.execute("SELECT article_id, text_hash FROM articles").fetchall())
    ledger: list[Row] = []
    by_table: dict[str, tuple[ExtractorLike, list[str], list[Row]]] = {}
    for article_id, outcomes in extracted:
        for one in outcomes:
            _, articles, rows = by_table.setdefault(one.extractor.name, (one.extractor, [], []))
            if one.error is None:
                articles.append(article_id)
                rows += record_tables.rows(article_id, one.extractor.name, one.extractor.version, one.records)
            ledger.append(
                {
                    "article_id": article_id,
                    "extractor": one.extractor.name,
                    "version": one.extractor.version,
                    "text_hash": hashes.get(article_id),
                    "status": "failed" if one.error else "ok",
                    "error": one.error,
                    "records": len(one.records),
                    "seconds": one.seconds,
                    "extracted_at": at,
                }
            )
    for extractor, articles, rows in by_table.values():
        record_tables.ensure(con, extractor.table, extractor.record)
        con.execute(
            f'DELETE FROM "{extractor.table}" WHERE extractor = ? AND list_contains(?, article_id)',
            [extractor.name, articles],
        )
        put(con, extractor.table, {row["record_id"]: row for row in rows}.values())
    put(con, "extractions", ledger, key=["article_id", "extractor"])


def store_links(con: duckdb.DuckDBPyConnection, links: Links) -> None:
    """Replace all deals, their sources and history, and all alliances."""
    for table, records in (
        ("deals", links.deals),
        ("deal_sources", links.sources),
        ("deal_history", links.history),
        ("alliances", links.alliances),
    ):
        con.execute(f'DELETE FROM "{table}"')
        put(con, table, (_row(one) for one in records))


def store_rates(con: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> None:
    """Store exchange rates, replacing those of the same currency and day."""
    put(con, "currency_rates", rows, key=["currency", "day"])


def refresh_names(
    con: duckdb.DuckDBPyConnection, companies: Iterable[Row], chips: Iterable[Row], models: Iterable[Row]
) -> None:
    """Store the catalogue's names and those discovered in the articles, each with when it was first and last seen."""
    for table, mentions, key, extra, rows in (
        ("companies", "company_mentions", "company_id", (), companies),
        ("chips", "chip_mentions", "chip_id", ("vendor", "family"), chips),
        ("models", "model_mentions", "model_id", ("developer", "family"), models),
    ):
        more = "".join(f", any_value(found.{name}) AS {name}" for name in extra)
        seen = con.execute(
            f"""
            SELECT found.{key}, any_value(found.name) AS name{more},
                min(coalesce(published_at, first_seen_at)), max(coalesce(published_at, first_seen_at))
            FROM {mentions} AS found JOIN articles USING (article_id)
            GROUP BY found.{key}
            """  # noqa: S608 - the names are ours
        ).fetchall()
        blank = dict.fromkeys(_columns(con, table))
        known: dict[str, dict[str, Any]] = {row[key]: blank | dict(row) | {"known": True} for row in rows}
        for row in seen:
            one = known.setdefault(row[0], blank | {key: row[0], "name": row[1], "known": False})
            one |= {name: one[name] or value for name, value in zip(extra, row[2:-2], strict=True)}
            one["first_seen"], one["last_seen"] = row[-2], row[-1]
        con.execute(f'DELETE FROM "{table}"')
        put(con, table, known.values())


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [column[0] for column in con.execute(f'SELECT * FROM "{table}" LIMIT 0').description or ()]


def _absent(con: duckdb.DuckDBPyConnection, table: str, key: str, found: dict[str, Any]) -> dict[str, Any]:
    there = {
        row[0]
        for row in con.execute(
            f'SELECT "{key}" FROM "{table}" WHERE list_contains(?, "{key}")', [list(found)]
        ).fetchall()
    }
    return {name: value for name, value in found.items() if name not in there}


def _row(record: BaseModel) -> dict[str, Any]:
    return record.model_dump()


def _fit(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.01"))
    if isinstance(value, str):
        # A lone surrogate has no UTF-8 form; Arrow would refuse the whole batch.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return value
