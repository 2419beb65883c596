"""Storing records: rows go in as JSON or through Arrow, in the caller's transaction, and replace what they renew."""

import json
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import duckdb
from pydantic import BaseModel

from dealwire.warehouse import corrections, record_tables, revisions, telling
from dealwire.warehouse.among import AMONG, texts
from schemas import Article, CompanyMerge, Entry, Feed, Links, Polled
from schemas.ids import content_id
from schemas.record import Record

Row = Mapping[str, Any]
# Up to so many rows go in as JSON, so many at a time, more of them through Arrow.
_FEW, _SLICE = 4_000, 250
# Beyond it a number is looked at more closely.
_LARGE = 2**63
# By table of names: the mentions, the column of the id, and what else of a mention belongs to the name.
_NAMES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "companies": ("company_mentions", "company_id", ()),
    "chips": ("chip_mentions", "chip_id", ("vendor", "family")),
    "models": ("model_mentions", "model_id", ("developer", "family")),
}


# What no visit changes in a feed's row but one that brings a body with news.
_BY_NEWS = frozenset(
    {
        "added_at", "body_hash", "changed_at", "entries_hash", "folder", "gap_seconds", "headers", "listed", "proxy",
        "site_url", "skip_days", "skip_hours", "title", "ttl_seconds",
    }
)  # fmt: skip


class ExtractorLike(Protocol):
    """What storing needs to know of an extractor."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def rests_on(self) -> str | None: ...
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
    @property
    def skipped(self) -> bool: ...
    @property
    def later(self) -> bool: ...


def put(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row], *, key: Sequence[str] = ()) -> int:
    """Insert rows; with a `key`, rows of the same key that are stored already are replaced. The number of rows.

    Of several given rows with one key the last counts. All rows have the same columns.
    """
    found = list({tuple(row[name] for name in key): row for row in rows}.values()) if key else list(rows)
    if not found:
        return 0
    if not key and len(found) <= _FEW and (texts := _texts(con, table, found)) is not None:
        _from_json(con, f'INSERT INTO "{table}" BY NAME', texts)
        return len(found)
    with _incoming(con, table, found):
        if key:
            same = " AND ".join(f'old."{name}" = dealwire_incoming."{name}"' for name in key)
            con.execute(f'DELETE FROM "{table}" AS old USING dealwire_incoming WHERE {same}')
        con.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM dealwire_incoming')
    return len(found)


def _renew(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row], *, key: str) -> None:
    """Change the columns that the rows have, and no other, where their key is stored. All have the same columns."""
    if found := list(rows):
        columns = ", ".join(f'"{name}" = dealwire_incoming."{name}"' for name in found[0] if name != key)
        with _incoming(con, table, found):
            con.execute(
                f'UPDATE "{table}" SET {columns} FROM dealwire_incoming '
                f'WHERE "{table}"."{key}" = dealwire_incoming."{key}"'
            )


def replace_all(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row], *, key: Sequence[str]) -> None:
    """Make the table hold exactly these rows. Rows that stay as they are are not written again.

    Of several given rows with one key the last counts. All rows have the same columns.
    """
    found = list({tuple(row[name] for name in key): row for row in rows}.values())
    if not found:
        con.execute(f'DELETE FROM "{table}"')
        return
    names = ", ".join(f'"{name}"' for name in found[0])
    keys = ", ".join(f'"{name}"' for name in key)
    with _incoming(con, table, found):
        con.execute(
            f'DELETE FROM "{table}" WHERE ({keys}) NOT IN '
            f'(SELECT ({keys}) FROM (SELECT {names} FROM "{table}" INTERSECT SELECT {names} FROM dealwire_incoming))'
        )
        con.execute(
            f'INSERT INTO "{table}" BY NAME '
            f'SELECT * FROM dealwire_incoming WHERE ({keys}) NOT IN (SELECT ({keys}) FROM "{table}")'
        )


def store_feeds(con: duckdb.DuckDBPyConnection, feeds: Iterable[Feed]) -> None:
    """Store feeds, replacing those of the same id."""
    put(con, "feeds", map(as_row, feeds), key=["feed_id"])


def store_new_feeds(con: duckdb.DuckDBPyConnection, feeds: Iterable[Feed]) -> set[str]:
    """Store the feeds that are not there yet; their ids."""
    there = {row[0] for row in con.execute("SELECT feed_id FROM feeds").fetchall()}
    new = [feed for feed in feeds if feed.feed_id not in there]
    store_feeds(con, new)
    return {feed.feed_id for feed in new}


def pause_feed(con: duckdb.DuckDBPyConnection, feed_id: str, *, paused: bool) -> bool:
    """Poll a feed no more until it is resumed, or resume it; False if there is none of this id."""
    con.execute("UPDATE feeds SET paused = ? WHERE feed_id = ?", [paused, feed_id])
    return con.execute("SELECT 1 FROM feeds WHERE feed_id = ?", [feed_id]).fetchone() is not None


def remove_feed(con: duckdb.DuckDBPyConnection, feed_id: str) -> None:
    """Forget a feed; its polls, entries and articles stay."""
    con.execute("DELETE FROM feeds WHERE feed_id = ?", [feed_id])


def store_pauses(con: duckdb.DuckDBPyConnection, pauses: Mapping[str, datetime]) -> None:
    """Make `hosts` hold exactly the hosts that want to be left alone, with until when."""
    replace_all(con, "hosts", ({"host": host, "paused_until": until} for host, until in pauses.items()), key=["host"])


def store_polled(
    con: duckdb.DuckDBPyConnection, polled: Sequence[Polled], listed: Sequence[tuple[str, Entry, Article]]
) -> int:
    """Store what polling brought: the feeds' new state, the visits, entries and articles not seen before.

    `listed` holds the feed's id, the entry and the article that it makes. Returns the number of new articles.
    """
    listed = revisions.at_known_addresses(con, listed)
    paused = _looked_up(con, "feeds", "feed_id", "paused", [one.feed.feed_id for one in polled])
    # A feed that was removed while it was polled stays removed, one that was paused stays paused.
    there = [one.feed for one in polled if one.feed.feed_id in paused]
    there = [feed.model_copy(update={"paused": feed.paused or paused[feed.feed_id]}) for feed in there]
    telling.feeds(con, there)
    listing = {one.feed.feed_id for one in polled if one.poll.status == "ok"}
    put(con, "feeds", (as_row(feed) for feed in there if feed.feed_id in listing), key=["feed_id"])
    _renew(con, "feeds", (_visited(feed) for feed in there if feed.feed_id not in listing), key="feed_id")
    fresh = _absent(con, "articles", "article_id", {article.article_id: article for _, _, article in reversed(listed)})
    put(con, "articles", map(as_row, fresh.values()))
    telling.articles(con, list(map(as_row, fresh.values())), {})
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
            "told_hash": revisions.told_hash(entry),
        }
        for feed_id, entry, article in listed
    }
    new_entries = _absent(con, "entries", "entry_id", entries)
    put(con, "entries", new_entries.values())
    revisions.note_changes(con, listed)
    counts: dict[str, int] = {}
    for row in new_entries.values():
        counts[row["feed_id"]] = counts.get(row["feed_id"], 0) + 1
    put(con, "polls", (as_row(one.poll) | {"new": counts.get(one.feed.feed_id, 0)} for one in polled))
    return len(fresh)


def _visited(feed: Feed) -> Row:
    """The feed's row without the columns that only a body with news changes, which is most of them."""
    return {name: value for name, value in as_row(feed).items() if name not in _BY_NEWS}


def store_articles(con: duckdb.DuckDBPyConnection, articles: Iterable[Article]) -> int:
    """Store articles, replacing those of the same id. A text without a hash is given one.

    A text that differs from the stored one is a new revision; returns how many there are.
    """
    rows = [as_row(one) for one in articles]
    for row in rows:
        if row["text"] is not None and row["text_hash"] is None:
            row["text_hash"] = content_id(row["text"])
    new = revisions.replace(con, rows)
    before = _looked_up(con, "articles", "article_id", "text_hash", [row["article_id"] for row in rows])
    put(con, "articles", rows, key=["article_id"])
    telling.articles(con, rows, before)
    return new


def store_outcomes(
    con: duckdb.DuckDBPyConnection,
    extracted: Sequence[tuple[str, Sequence[OutcomeLike]]],
    *,
    now: datetime | None = None,
) -> None:
    """Store what extractors found: an article's rows of an extractor are replaced, and the ledger says so.

    `extracted` holds an article's id and its outcomes. An outcome with an error, or with a number that no column can
    hold, adds no rows; those of an earlier version stay as long as the text is the one that they were found in.
    Companies that were merged into others get their names. Raises `RecordIncompatible`.
    """
    at = now or datetime.now(UTC)
    meanings = corrections.meanings(corrections.merges(con))
    hashes = _looked_up(con, "articles", "article_id", "text_hash", [article_id for article_id, _ in extracted])
    ledger: list[Row] = []
    by_extractor: dict[str, tuple[ExtractorLike, list[Row], dict[str, Row]]] = {}
    told = [(article_id, one, *_record_rows(article_id, one)) for article_id, outcomes in extracted for one in outcomes]
    kept = _read_before(con, {article_id for article_id, _, _, error in told if error is not None})
    for article_id, one, found, error in told:
        _, replaced, rows = by_extractor.setdefault(one.extractor.name, (one.extractor, [], {}))
        if error is None or (article_id, one.extractor.name) not in kept:
            replaced.append({"article_id": article_id})
        rows |= found
        ledger.append(
            {
                "article_id": article_id,
                "extractor": one.extractor.name,
                "version": one.extractor.version,
                "text_hash": hashes.get(article_id),
                "status": _status(one, error),
                "error": error,
                "records": len(found),
                "seconds": one.seconds,
                "extracted_at": at,
                "rests_on": one.extractor.rests_on,
            }
        )
    for extractor, replaced, rows in by_extractor.values():
        if record_tables.BUILTIN.get(extractor.table) is not extractor.record:
            record_tables.ensure(con, extractor.table, extractor.record)
        if replaced:
            with _incoming(con, "articles", replaced):
                con.execute(
                    f'DELETE FROM "{extractor.table}" AS old USING dealwire_incoming '
                    "WHERE old.article_id = dealwire_incoming.article_id AND old.extractor = ?",
                    [extractor.name],
                )
        named, found_as = corrections.corrected(extractor.table, rows.values(), meanings)
        put(con, extractor.table, named)
        corrections.keep_found(con, found_as)
    claims = sum(len(rows) for extractor, _, rows in by_extractor.values() if extractor.table == "deal_claims")
    telling.outcomes(con, ledger, claims=claims, now=at)
    put(con, "extractions", ledger, key=["article_id", "extractor"])


def store_links(con: duckdb.DuckDBPyConnection, links: Links, *, now: datetime | None = None) -> tuple[int, int]:
    """Replace all deals, their sources and history, and all alliances; what did not change is not written again.

    Returns how many deals and alliances were not known before.
    """
    replace_all(con, "deals", map(as_row, links.deals), key=["deal_id"])
    replace_all(con, "deal_sources", map(as_row, links.sources), key=["deal_id", "claim_id"])
    replace_all(con, "deal_history", map(as_row, links.history), key=["deal_id", "status", "since", "claim_id"])
    replace_all(con, "alliances", map(as_row, links.alliances), key=["alliance_id"])
    return telling.links(con, links, now=now)


def store_rates(con: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> None:
    """Store exchange rates, replacing those of the same currency and day."""
    put(con, "currency_rates", rows, key=["currency", "day"])


def store_companies(con: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> None:
    """Store companies, replacing those of the same id; keys of a row are columns, `company_id` and `name` at least."""
    put(con, "companies", _whole(con, "companies", rows), key=["company_id"])


def refresh_names(
    con: duckdb.DuckDBPyConnection, companies: Iterable[Row], chips: Iterable[Row], models: Iterable[Row]
) -> None:
    """Store the catalogue's names and those discovered in the articles, each with when it was first and last seen.

    Unknown keys of a row are left out. Merged companies are left out, too: their names are aliases of the company that
    they were merged into.
    """
    merged = corrections.merges(con)
    for table, catalogue in (("companies", companies), ("chips", chips), ("models", models)):
        replace_all(con, table, _folded(con, table, catalogue, merged), key=[_NAMES[table][1]])


def mentioned(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, set[str]]:
    """By table of names (`companies`, `chips`, `models`) the ids that these articles mention."""
    return {
        table: {
            row[0]
            for row in con.execute(
                f"SELECT DISTINCT {key} FROM {mentions} WHERE list_contains(?, article_id)", [list(article_ids)]
            ).fetchall()
        }
        for table, (mentions, key, _) in _NAMES.items()
    }


def refresh_mentioned(
    con: duckdb.DuckDBPyConnection, ids: Mapping[str, Collection[str]], catalogue: Mapping[str, Iterable[Row]]
) -> None:
    """As `refresh_names`, for these ids of each table alone; all others have to be right already."""
    merged = corrections.merges(con)
    meanings = corrections.meanings(merged)
    for table, (_, key, _) in _NAMES.items():
        wanted = set(ids[table])
        if not wanted:
            continue
        if table == "companies":
            # A company's other names are those of the ones that were merged into it, too.
            wanted |= {name for name, one in meanings.items() if one.company_id in wanted}
        known = [row for row in catalogue[table] if row[key] in wanted]
        rows = _folded(con, table, known, merged, among=sorted(wanted))
        con.execute(f"DELETE FROM {table} WHERE list_contains(?, {key})", [sorted(wanted)])
        put(con, table, rows)


def _folded(
    con: duckdb.DuckDBPyConnection,
    table: str,
    catalogue: Iterable[Row],
    merged: Sequence[CompanyMerge],
    *,
    among: Sequence[str] | None = None,
) -> Collection[Row]:
    """As `_named`, with what was merged as one."""
    rows = _named(con, table, catalogue, among)
    if table == "companies":
        corrections.fold(rows, merged)
    else:
        corrections.fold_owners(rows, _NAMES[table][2][0], merged)
    return rows.values()


def _named(
    con: duckdb.DuckDBPyConnection, table: str, catalogue: Iterable[Row], among: Sequence[str] | None
) -> dict[str, dict[str, Any]]:
    """By id the catalogue's rows and those discovered, the latter by the name that is found most often.

    Of those discovered only the ones `among` these ids, if there are any.
    """
    mentions, key, extra = _NAMES[table]
    more = "".join(f", min(found.{name})" for name in extra)
    seen = con.execute(
        f"""
        SELECT found.{key}, min_by(found.name, (-times, found.name)), min(told_at), max(told_at){more}
        FROM (
            SELECT *, count(*) OVER (PARTITION BY {key}, name) AS times FROM {mentions}
            {"" if among is None else f"WHERE list_contains(?, {key})"}
        ) AS found
        JOIN (
            SELECT article_id, coalesce(least(published_at, first_seen_at), first_seen_at) AS told_at FROM articles
        ) AS told ON told.article_id = found.article_id
        GROUP BY found.{key}
        """,
        [] if among is None else [among],
    ).fetchall()
    known = {row[key]: row | {"known": True} for row in _whole(con, table, catalogue)}
    blank = dict.fromkeys(_columns(con, table))
    for found_key, name, first, last, *others in seen:
        one = known.setdefault(found_key, blank | {key: found_key, "name": name, "known": False})
        one |= {column: one[column] or value for column, value in zip(extra, others, strict=True)}
        one["first_seen"], one["last_seen"] = first, last
    return known


def _whole(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows with all columns of the table and no other."""
    names = _columns(con, table)
    return [{name: row.get(name) for name in names} for row in rows]


def _record_rows(article_id: str, outcome: OutcomeLike) -> tuple[dict[str, Row], str | None]:
    if outcome.error is not None:
        return {}, outcome.error
    try:
        rows = record_tables.rows(article_id, outcome.extractor.name, outcome.extractor.version, outcome.records)
        return {row["record_id"]: row for row in rows}, None
    except ValueError as error:
        return {}, str(error)


def _read_before(con: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> set[tuple[str, str]]:
    """Article and extractor, where it has read the present text of one of these before, with whatever outcome."""
    if not article_ids:
        return set()
    query = f"""
    SELECT article_id, extractor FROM extractions LEFT JOIN (SELECT article_id, text_hash FROM articles) AS now
        USING (article_id)
    WHERE article_id IN {AMONG} AND extractions.text_hash IS NOT DISTINCT FROM now.text_hash
    """
    return set(con.execute(query, [texts(article_ids)]).fetchall())


def _status(outcome: OutcomeLike, error: str | None) -> str:
    if error is None:
        return "skipped" if outcome.skipped else "ok"
    return "later" if outcome.later else "failed"


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [column[0] for column in con.execute(f'SELECT * FROM "{table}" LIMIT 0').description or ()]


@contextmanager
def _incoming(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> Iterator[None]:
    """The rows as the relation `dealwire_incoming`, with the types that the table's columns have."""
    if len(rows) <= _FEW and (texts := _texts(con, table, rows)) is not None:
        _as_table(con, texts)
        try:
            yield
        finally:
            # A transaction that has failed takes the table with it.
            with suppress(duckdb.Error):
                con.execute("DROP TABLE temp.dealwire_incoming")
        return
    _as_arrow(con, table, rows)
    try:
        yield
    finally:
        con.unregister("dealwire_incoming")


class _Texts(NamedTuple):
    """Rows as JSON, a slice of them a text, and the types of their columns. It is used up by reading it."""

    slices: deque[str]
    types: str


def _texts(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> _Texts | None:
    """The rows as text; None if a value has no form in JSON.

    For the few rows of a poll this is as fast as Arrow, which needs as much memory as all the rest of polling. DuckDB
    takes several times a text's size to read it, hence the slices.
    """
    kinds = con.sql(f'SELECT * FROM "{table}" LIMIT 0')
    types = dict(zip(kinds.columns, map(str, kinds.types), strict=True))
    # What is JSON is text already.
    wanted = {name: "VARCHAR" if types[name] == "JSON" else types[name] for name in rows[0]}
    try:
        slices = deque(
            json.dumps(
                [{name: _plain(row[name]) for name in wanted} for row in rows[at : at + _SLICE]],
                ensure_ascii=False, allow_nan=False, default=_written,
            )
            for at in range(0, len(rows), _SLICE)
        )  # fmt: skip
    except (TypeError, ValueError):
        return None
    return _Texts(slices, json.dumps([wanted]))


def _as_table(con: duckdb.DuckDBPyConnection, texts: _Texts) -> None:
    first = _Texts(deque([texts.slices.popleft()]), texts.types)
    _from_json(con, "CREATE OR REPLACE TEMP TABLE dealwire_incoming AS", first)
    _from_json(con, "INSERT INTO temp.dealwire_incoming", texts)


def _from_json(con: duckdb.DuckDBPyConnection, into: str, texts: _Texts) -> None:
    while texts.slices:
        text = texts.slices.popleft()
        con.execute(f"{into} SELECT told.* FROM (SELECT unnest(from_json(?, ?)) AS told)", [text, texts.types])


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value))


def _as_arrow(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    import pyarrow as pa

    types = con.sql(f'SELECT * FROM "{table}" LIMIT 0').to_arrow_table().schema
    arrays = [pa.array([_plain(row[name]) for row in rows], type=_storage(types.field(name).type)) for name in rows[0]]
    con.register("dealwire_incoming", pa.table(arrays, names=list(rows[0])))


def _plain(value: Any) -> Any:
    """As `record_tables.stored`, which takes its time over the values that need no change, and most are such."""
    kind = type(value)
    if value is None or kind is bool or kind is float or (kind is str and value.isascii()):
        return value
    if (kind is datetime and value.tzinfo is not None) or (kind is int and -_LARGE < value < _LARGE):
        return value
    return record_tables.stored(value)


def _storage(kind: Any) -> Any:
    """The plain type below an Arrow extension type, such as text below JSON."""
    return getattr(kind, "storage_type", kind)


def _absent(con: duckdb.DuckDBPyConnection, table: str, key: str, found: dict[str, Any]) -> dict[str, Any]:
    there = _looked_up(con, table, key, key, list(found))
    return {name: value for name, value in found.items() if name not in there}


def _looked_up(
    con: duckdb.DuckDBPyConnection, table: str, key: str, column: str, keys: Sequence[str]
) -> dict[str, Any]:
    if not keys:
        return {}
    query = f'SELECT "{key}", "{column}" FROM "{table}" WHERE "{key}" IN {AMONG}'
    return dict(con.execute(query, [texts(keys)]).fetchall())


def as_row(record: BaseModel) -> dict[str, Any]:
    # A record holds exactly its fields, in order.
    return dict(record.__dict__)


# For the modules beside this one.
incoming, looked_up = _incoming, _looked_up
