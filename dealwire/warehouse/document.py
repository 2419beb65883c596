"""The reference of tables and views, written from the comments that are stored in a database.

`python -m dealwire.warehouse.document > docs/schema.md` writes the page anew.
"""

import sys
import tempfile
from pathlib import Path

from dealwire.warehouse import migrate, record_tables
from dealwire.warehouse.connect import Warehouse

_INTRODUCTION = """\
# Tables and views

<!-- Written by `python -m dealwire.warehouse.document`; a test keeps it up to date. -->

Everything dealwire knows is in one DuckDB file, `dealwire.duckdb` unless you name another. Ask it with
`dealwire sql "SELECT …"`, with the `duckdb` shell, or from any language that DuckDB has a driver for; open it read-only
and close it again, or dealwire has to wait. [The cookbook](cookbook.md) has questions to begin with.

The views are the public face: their names and columns stay. The tables below them may gain columns.

- Times are UTC. Offsets count Unicode code points from 0 into `articles.text`, end exclusive;
  `substring(text, start_char + 1, end_char - start_char)` is what stands there.
- Amounts are whole units of `currency` with two bounds: both equal means exact, a maximum alone `up to`, a minimum
  alone `more than`, neither that no amount is stated.
- Ids are content hashes, the same on every machine. No table has keys or indexes: the same schema runs on DuckLake.
- A table of an extractor of your own looks like the tables of records: provenance, evidence, the fields of its class.
"""
# Tables that no class describes: what one row is, and what the columns are.
_BESIDE: dict[str, tuple[str, dict[str, str]]] = {
    "polls": (
        "One visit to one feed.",
        {"status": "`ok`, `not_modified`, `retry`, `refused`, `gone` or `error`.", "url": "Address that was polled."},
    ),
    "hosts": (
        "One host that has asked to be left alone for a while.",
        {"host": "Its name, with its port where that is not the usual one.", "paused_until": "Until when."},
    ),
    "site_rules": (
        "One site whose robots.txt was read; it is asked for again when it no longer holds, after a day at most.",
        {
            "site": "Scheme and host, with its port where that is not the usual one.",
            "rules": "The text; null if there is none, which allows everything.",
            "fetched_at": "When.",
            "fresh_until": "Until when it holds, by its Cache-Control.",
        },
    ),
    "entries": (
        "One article that a feed lists, once a feed however often it lists it.",
        {
            "entry_id": "Content hash of feed and article.",
            "feed_id": "The feed.",
            "article_id": "The article.",
            "guid": "As printed by the feed; null if it gives none.",
            "url": "Link as the feed gives it.",
            "title": "As the feed tells it.",
            "published_at": "As the feed tells it.",
            "first_seen_at": "When the feed first listed it.",
            "told_hash": "Hash of what the feed tells; a change means: to be read again.",
        },
    ),
    "article_revisions": (
        "One earlier text of an article, as it was before it was replaced.",
        {
            "revision": "1 is the first text; the present one stands in `articles`.",
            "title": "As it was.",
            "text": "As it was.",
            "text_hash": "Hash of that text.",
            "published_at": "As it was printed then.",
            "read_status": "Where that text came from.",
            "replaced_at": "When a later text took its place.",
        },
    ),
    "article_addresses": (
        "One address whose page names another one as its own; a feed that lists it leads to that article.",
        {
            "address_id": "The id that the address alone would make.",
            "url": "The address.",
            "found_at": "When its page was read.",
        },
    ),
    "pages": (
        "One page as it was fetched, kept for `keep_pages_days`; `dealwire articles reread` reads it again.",
        {
            "url": "Where redirects ended.",
            "content_type": "As the server called it.",
            "fetched_at": "When.",
            "body": "The page, decompressed, then compressed with zstd.",
        },
    ),
    "subscriptions": (
        "One feed that was asked whether it has a WebSub hub, and how its subscription stands.",
        {
            "token": "Last part of the address that the hub calls.",
            "hub": "Address of the hub; null: the feed names none.",
            "topic": "Address that the feed has at the hub.",
            "secret": "What the hub signs with. Keep it to yourself.",
            "state": "`none` (no hub), `asked`, `active`, `denied`, `silent` (polling had news first) or `ended`.",
            "checked_at": "When the feed was last looked at for a hub.",
            "requested_at": "When the hub was last asked to subscribe.",
            "verified_at": "When the hub last proved that it had been asked.",
            "expires_at": "When the lease ends; it is renewed before.",
            "last_push_at": "When the hub last delivered something with a good signature.",
            "pushes": "Deliveries with a good signature.",
        },
    ),
    "backfills": (
        "One part of a source that `dealwire backfill` has read or is reading, so that it can go on where it stopped.",
        {
            "source": "The site, folder or file.",
            "part": "A sitemap or file of it.",
            "position": "Where reading goes on: bytes of a file, else items.",
            "done": "True: read to its end.",
            "articles": "Articles stored from it.",
            "skipped": "Items that hold no article.",
            "started_at": "When it was begun.",
            "updated_at": "When it last went on.",
        },
    ),
    "extractions": (
        "The ledger: one article and extractor, with the version that has read it last.",
        {
            "article_id": "The article.",
            "extractor": "Name of the extractor.",
            "version": "Its version then.",
            "text_hash": "Hash of the text it read; another text or version means: to be read again.",
            "status": "`ok`, `failed`, `skipped` (its `when` did not want the article), or `later` (put off, and tried "
            "again in the next pass).",
            "error": "What it failed with: the last lines of the traceback.",
            "records": "Records it found.",
            "seconds": "Time it took.",
            "extracted_at": "When.",
            "rests_on": "The extractors that it requires, at whatever remove, with their versions then, such as "
            "`companies 2, money 2`; another one of these means: to be read again.",
        },
    ),
    "extractors": (
        "One custom extractor that has a table here.",
        {
            "extractor": "Its name.",
            "version": "The version that was registered last.",
            "table_name": "Where its records are.",
            "label": "Under which label the view `mentions` shows them; null: it does not.",
            "record": "Columns and types of its record class, as JSON.",
            "place": "The file or module it came from.",
            "registered_at": "When this version was first seen.",
            "removed_at": "When it was first seen to be gone; its table stays.",
        },
    ),
    "companies": (
        "One company, from the catalogue or discovered in an article.",
        {
            "company_id": "Stable id made from the canonical name.",
            "name": "Canonical name.",
            "kind": "What it does.",
            "country": "ISO 3166 code.",
            "ticker": "Where it is listed.",
            "wikidata": "Wikidata id.",
            "parent": "Canonical name of the owner.",
            "aliases": "Other names it goes by.",
            "known": "True: in the catalogue; false: discovered in the text.",
            "first_seen": "Date of the earliest article that names it.",
            "last_seen": "Date of the latest.",
        },
    ),
    "chips": (
        "One chip, chip family or system named after one, from the catalogue or discovered.",
        {
            "chip_id": "Stable id made from the canonical name.",
            "name": "Canonical name with its vendor.",
            "vendor": "Canonical company name.",
            "family": "Family or generation.",
            "known": "True: in the catalogue; false: discovered in the text.",
            "first_seen": "Date of the earliest article that names it.",
            "last_seen": "Date of the latest.",
        },
    ),
    "models": (
        "One AI model or model family, from the catalogue or discovered.",
        {
            "model_id": "Stable id made from the canonical name.",
            "name": "Canonical name with its family.",
            "developer": "Canonical company name.",
            "family": "Model family.",
            "known": "True: in the catalogue; false: discovered in the text.",
            "first_seen": "Date of the earliest article that names it.",
            "last_seen": "Date of the latest.",
        },
    ),
    "company_merges": (
        "One company whose name stands for another company, as a user has said; see `dealwire companies merge`.",
        {
            "company_id": "Id that the name would have by itself.",
            "name": "The name.",
            "into_id": "Id of the company it stands for, which may itself be merged into another.",
            "into_name": "Name of that company.",
            "known": "True: that company is in the catalogue.",
            "source": "`merge`: said by `dealwire companies merge`; `aliases`: in the alias file of the settings.",
            "merged_at": "When it was first said.",
        },
    ),
    "names_as_found": (
        "One record in which a merge has changed the names of companies: those that the extractor found.",
        {
            "record_id": "The record, in one of the tables of mentions or in `deal_claims`.",
            "company_id": "As found, company mentions only.",
            "name": "As found, company mentions only.",
            "known": "As found, company mentions only.",
            "vendor": "As found, chip mentions only.",
            "developer": "As found, model mentions only.",
            "payers": "As found, claims only.",
            "payees": "As found, claims only.",
            "parties": "As found, claims only.",
        },
    ),
    "rejected_claims": (
        "One claim that was reported as wrong: it is kept, and no deal is made of it; see `dealwire claims`.",
        {
            "kind": "As it states, like the columns that follow: a claim of the same article that states the same is "
            "rejected, too.",
            "parties": "Canonical names of the sides of an undirected deal.",
            "currency": "ISO 4217.",
            "amount_min": "Whole units of `currency`.",
            "amount_max": "Whole units of `currency`.",
            "reason": "Why, as the user said.",
            "rejected_at": "When.",
        },
    ),
    "linked_claims": (
        "One claim as it was when the deals were last made; what differs since is linked again.",
        {
            "claim_id": "`record_id` of the claim in `deal_claims`, or in what it was.",
            "fingerprint": "Another number for other content.",
            "family": "Claims that can be of one deal, themselves or through others; null if it can make no deal.",
            "first_claim_id": "The claim that began the deal it was of; null if it was of none.",
        },
    ),
    "linked_keys": (
        "One thing that claims of one deal have in common: the kind and two companies, or the kind, the payee and the "
        "month.",
        {"key": "It, as words.", "family": "The family whose claims have it."},
    ),
    "linked_by": (
        "One row: by what the deals were made; when it is otherwise, all is linked again.",
        {"rules": "Another word for other code.", "rates": "Another word for other exchange rates."},
    ),
    "outbox": (
        "One event, put in by the transaction that stored the rows it tells of, and sent in the order of `position`.",
        {
            "position": "Counts up, one an event.",
            "event_id": "A UUID, made once: who receives the event twice can tell.",
            "event": "Its name, such as `dealwire.deal.found`; see schedule.md.",
            "subject": "What it tells of, such as `deal.` with the deal's id.",
            "made_at": "When.",
            "payload": "The record of `schemas/events.py` as JSON, with its `version`.",
            "attempts": "Tries to send it to a Prefect server.",
            "tried_at": "The last one.",
            "error": "What that failed with.",
            "sent_at": "When the server was known to have it; null: not yet.",
        },
    ),
    "told_deals": (
        "One deal that was told of, under the id that it had then; it is not told again under another.",
        {
            "companies": "Canonical names of its companies, in alphabetical order.",
            "article_ids": "The articles that told of it.",
            "told_at": "When it was first known, or when its alliance last changed.",
        },
    ),
    "told_alliances": (
        "One alliance that was told of.",
        {"state": "Its parties and deals as they were told: what is other is an update.", "told_at": "When."},
    ),
    "step_notes": (
        "One fact that a step leaves for the next one.",
        {"name": "Which.", "value": "What.", "noted_at": "When."},
    ),
    "currency_rates": (
        "One currency and day.",
        {
            "currency": "ISO 4217.",
            "day": "From this day on, until the next row.",
            "usd": "US dollars for one unit.",
        },
    ),
    "publications": (
        "One place where copies for other programs are put, and the copy that is there; see `dealwire publish`.",
        {
            "place": "Full path of the file or folder.",
            "form": "`duckdb` or `parquet`.",
            "fingerprint": "Changes when the rows of the copy do.",
            "published_at": "When the copy that is there was made.",
            "tables": "Tables in it, and views where it is Parquet.",
            "rows": "Rows in its tables.",
            "bytes": "Its size.",
            "error": "Why there is none newer; null if there need not be.",
        },
    ),
    "schema_changes": (
        "One change of the schema that was applied to this file; number 0 is the state of the views.",
        {"number": "Number of the change.", "name": "Its name.", "applied_at": "When it was applied."},
    ),
}

# What columns mean whose name says nearly all, wherever they stand.
_PLAIN: dict[str, str] = {
    "added_at": "When the feed was added.",
    "alliance_id": "What it was announced with; see `alliances`.",
    "announced_on": "Day of the first claim, UTC.",
    "article_id": "The article.",
    "articles": "Articles that tell of it.",
    "author": "As printed.",
    "best": "True: the claim to show.",
    "bytes": "Size of the answer.",
    "claim_id": "`record_id` of the claim in `deal_claims`.",
    "confidence": "0 to 1.",
    "deal_id": "The deal.",
    "deals": "Number of deals.",
    "error": "What went wrong.",
    "feed_id": "The feed.",
    "first_seen_at": "When it was first listed or given.",
    "http_status": "HTTP status code; null if there was no answer.",
    "kind": "investment, acquisition, purchase, financing, licensing, joint_venture or partnership.",
    "last_error": "What went wrong last; null after a good poll.",
    "last_ok_at": "Last poll that was answered well.",
    "last_polled_at": "Last poll.",
    "parties": "Canonical names of all companies in it.",
    "payees": "Canonical names of those who receive the money, in reading order.",
    "payers": "Canonical names of those who give it, in reading order.",
    "polled_at": "When.",
    "read_at": "When the page was read.",
    "read_attempts": "Tries to read the page.",
    "read_error": "Why the page could not be read.",
    "seconds": "Time it took.",
    "since": "The first day on which it was told to have this status.",
    "sources": "Distinct sites that tell of it.",
    "status": "planned, announced or ended.",
    "title": "As printed, or made from the facts.",
    "url": "Address.",
    "usd_max": "In US dollars at the rate of `announced_on`.",
}


def schema_page() -> str:
    """The page as Markdown: the views, then the tables, each with its columns, types and meanings."""
    with tempfile.TemporaryDirectory() as folder:
        store = Warehouse(Path(folder) / "empty.duckdb")
        with store.write():
            """An empty warehouse is all that is needed."""
        with store.read() as con:
            columns: dict[str, list[tuple[str, str, str]]] = {}
            for name, column, kind, text in con.execute(
                "SELECT table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns() "
                "WHERE NOT internal ORDER BY table_name, column_index"
            ).fetchall():
                columns.setdefault(name, []).append((column, record_tables.short_type(kind), text))
            told = dict(
                con.execute(
                    "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal UNION ALL "
                    "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
                ).fetchall()
            )
    parts = [_INTRODUCTION, "## Views\n"]
    names = [view.name for view in migrate.views() if view.number]
    parts += [_section(name, told[name], columns.pop(name)) for name in names]
    parts.append("## Tables\n")
    for name in sorted(columns, key=_order):
        about, beside = _BESIDE.get(name, (told[name], {}))
        parts.append(
            _section(
                name, about, [(c, kind, beside.get(c) or text or _PLAIN.get(c, "")) for c, kind, text in columns[name]]
            )
        )
    return "\n".join(parts)


def _section(name: str, about: str, columns: list[tuple[str, str, str]]) -> str:
    lines = [f"### `{name}`\n", f"{about}\n", "| column | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{column}` | {kind} | {text.replace('|', '/')} |" for column, kind, text in columns]
    return "\n".join(lines) + "\n"


def _order(table: str) -> int:
    """Tables in the way of the data."""
    way = ["feeds", "subscriptions", "polls", "hosts", "site_rules", "entries"]
    way += ["articles", "article_revisions", "article_addresses", "pages"]
    way += ["backfills", "extractions", "extractors", *record_tables.BUILTIN]
    way += ["rejected_claims", "names_as_found", "companies", "company_merges", "chips", "models"]
    way += ["deals", "deal_sources", "deal_history", "alliances", "linked_claims", "linked_keys", "linked_by"]
    way += ["told_deals", "told_alliances", "outbox", "step_notes"]
    way += ["subscribers", "deliveries", "currency_rates", "publications", "schema_changes"]
    return way.index(table)


if __name__ == "__main__":
    sys.stdout.write(schema_page())
