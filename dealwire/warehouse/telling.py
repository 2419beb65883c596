"""What is news: from the rows that a transaction stores, the events that tell of them.

A deal or alliance is told of once. Ids may change when an earlier article turns up, and deals vanish and come back when
articles are extracted again; so what was told is remembered with its companies and articles, not by its id alone.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from dealwire.warehouse import load, outbox, queries
from dealwire.warehouse.among import AMONG, AMONG_IDS, ONE_OF_IDS, texts
from schemas import Alliance, Deal, Feed, Links
from schemas.events import (
    ARTICLES_NAMED,
    FAILING_AFTER,
    AllianceAnnounced,
    AllianceUpdated,
    ArticlesStored,
    ArticleTold,
    Change,
    ClaimsStored,
    CompanyTold,
    DealFound,
    DealTold,
    Event,
    ExtractorFailing,
    FeedFailing,
    FeedRecovered,
    Role,
)

Row = dict[str, Any]
# What is filled in from archives and was announced longer ago than this is history: it is known from then on, and no
# event tells of it.
_HISTORY = timedelta(days=30)
_FEW = 1_000
"""Deals that are looked for one by one."""
_ALIKE = 2
"""Companies that a deal under a new id shares with what it was told as."""


def articles(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> None:
    """Tell of the texts among rows of `articles` that are new or changed; `known`: ids to the hashes stored before."""
    fresh = [one for one in rows if one["text"] is not None and known.get(one["article_id"]) != one["text_hash"]]
    if fresh:
        named = [
            ArticleTold(
                **{name: one[name] or "" if name == "title" else one[name] for name in ArticleTold.model_fields}
            )
            for one in fresh[:ARTICLES_NAMED]
        ]
        outbox.add(con, [ArticlesStored(count=len(fresh), articles=tuple(named))])


def feeds(con: duckdb.DuckDBPyConnection, polled: Sequence[Feed]) -> None:
    """Tell of the feeds that have begun to fail, and of those that answer again. Call it before they are stored."""
    if not polled:
        return
    # Of most feeds there is nothing to tell: they answer and have always done so.
    failed = [one.feed_id for one in polled if _failing(one)]
    stored = queries.rows(
        con,
        f"SELECT * FROM feeds WHERE feed_id IN {AMONG} "
        f"AND (failures >= ? OR gone_at IS NOT NULL OR feed_id IN {AMONG})",
        [texts(one.feed_id for one in polled), FAILING_AFTER, texts(failed)],
    )
    was = {row["feed_id"]: Feed(**row) for row in stored}
    found: list[Event] = []
    for feed in polled:
        old = was.get(feed.feed_id)
        if old is None or feed.paused:
            continue
        shared = {"feed_id": feed.feed_id, "url": feed.url, "title": feed.title}
        if _failing(feed) and not _failing(old):
            found.append(
                FeedFailing(
                    **shared,
                    failures=feed.failures,
                    since=feed.failing_since,
                    gone=feed.gone_at is not None,
                    error=feed.last_error,
                )
            )
        elif _failing(old) and not _failing(feed):
            found.append(FeedRecovered(**shared, failures=old.failures, since=old.failing_since))
    outbox.add(con, found)


def outcomes(
    con: duckdb.DuckDBPyConnection, ledger: Sequence[Mapping[str, Any]], *, claims: int, now: datetime
) -> None:
    """Tell that articles were extracted, and of extractors that fail. Call it before the ledger is stored."""
    if not ledger:
        return
    failed: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in ledger:
        if row["status"] == "failed":
            failed[row["extractor"], row["version"]].append(row)
    told: list[Event] = []
    for (extractor, version), rows in failed.items():
        ids = [row["article_id"] for row in rows]
        # Those that fail once more were counted before.
        seen, before = con.execute(
            f"SELECT count(*), count(*) FILTER (NOT {ONE_OF_IDS.format('article_id')}) FROM extractions "
            "WHERE extractor = $extractor AND version = $version AND status = 'failed'",
            {"ids": texts(ids), "extractor": extractor, "version": version},
        ).fetchone() or (0, 0)
        after = before + len(set(ids))
        if len(str(after)) > (len(str(seen)) if seen else 0):
            told.append(
                ExtractorFailing(
                    extractor=extractor,
                    extractor_version=version,
                    articles=after,
                    article_ids=tuple(dict.fromkeys(ids))[:20],
                    error=str(rows[-1]["error"])[:500],
                )
            )
    read = len({row["article_id"] for row in ledger})
    stored = ClaimsStored(articles=read, claims=claims, failed=sum(map(len, failed.values())))
    outbox.add(con, [stored, *told], now=now)


def links(con: duckdb.DuckDBPyConnection, found: Links, *, now: datetime | None = None) -> tuple[int, int]:
    """Tell of new deals, and of alliances that are new or changed; how many deals and alliances are new.

    Call it after the links were stored. `found` may hold only some: whole alliances, among them all that have changed.
    """
    at = now or datetime.now(UTC)
    told = dict(con.execute("SELECT deal_id, alliance_id FROM told_deals").fetchall())
    states = dict(con.execute("SELECT alliance_id, state FROM told_alliances").fetchall())
    fresh = [deal for deal in found.deals if deal.deal_id not in told]
    sources = _sources(con, fresh)
    gone = _gone(con) if fresh else {}
    # What each deal was told as: its alliance then; None for one that is new.
    before: dict[str, str | None] = {deal.deal_id: told.get(deal.deal_id) for deal in found.deals}
    for deal in fresh:
        before[deal.deal_id] = _told_as(deal, sources[deal.deal_id], gone)
    new = [deal for deal in fresh if before[deal.deal_id] is None]
    history = _history(con, new, sources, at)
    members: dict[str, list[Deal]] = defaultdict(list)
    for deal in found.deals:
        members[deal.alliance_id].append(deal)
    announced: list[Alliance] = []
    updated: list[tuple[Alliance, str | None, tuple[Change, ...]]] = []
    noted: list[Row] = []
    for alliance in found.alliances:
        own = members[alliance.alliance_id]
        state = _state(alliance, own)
        text = json.dumps(state, ensure_ascii=False)
        if states.get(alliance.alliance_id) == text:
            continue
        noted.append({"alliance_id": alliance.alliance_id, "state": text, "told_at": at})
        previous = _previous(alliance, own, before, states)
        if previous is None:
            if not all(deal.deal_id in history for deal in own):
                announced.append(alliance)
        elif previous in states and (changed := _changed(json.loads(states[previous]), state)):
            added = {deal.deal_id for deal in own if before[deal.deal_id] is None}
            # A deal of long ago that an archive adds is no news of its alliance, either.
            if not (added and added <= history and set(changed) <= {"deals", "parties"}):
                updated.append((alliance, previous if previous != alliance.alliance_id else None, changed))
    moved = [deal for deal in found.deals if told.get(deal.deal_id) != deal.alliance_id]
    _remember(con, moved, _sources(con, moved), at)
    load.put(con, "told_alliances", noted, key=["alliance_id"])
    shown = [deal for deal in new if deal.deal_id not in history]
    wanted = {deal.deal_id for deal in shown}
    wanted |= {
        deal.deal_id for one in (*announced, *(one for one, _, _ in updated)) for deal in members[one.alliance_id]
    }
    rows = _told_rows(con, wanted)
    events: list[Event] = [DealFound(**rows[deal.deal_id]) for deal in shown]
    events += [AllianceAnnounced(**_alliance(one, members[one.alliance_id], rows)) for one in announced]
    events += [
        AllianceUpdated(**_alliance(one, members[one.alliance_id], rows), previous_id=previous, changed=changed)
        for one, previous, changed in updated
    ]
    outbox.add(con, events, now=at)
    return len(new), sum(
        all(before[deal.deal_id] is None for deal in members[one.alliance_id]) and one.alliance_id not in states
        for one in found.alliances
    )


def _failing(feed: Feed) -> bool:
    return feed.failures >= FAILING_AFTER or feed.gone_at is not None


def _names(deal: Deal) -> list[str]:
    return sorted({*deal.payers, *deal.payees, *deal.parties})


def _sources(con: duckdb.DuckDBPyConnection, deals: Sequence[Deal]) -> dict[str, set[str]]:
    """The articles of these deals."""
    rows = con.execute(
        f"SELECT deal_id, list(article_id) FROM deal_sources WHERE deal_id IN {AMONG} GROUP BY deal_id",
        [texts(deal.deal_id for deal in deals)],
    ).fetchall()
    return {deal.deal_id: set() for deal in deals} | {deal_id: set(articles) for deal_id, articles in rows}


def _gone(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str, set[str]]]]:
    """By article: alliance, kind and companies of the deals that were told under an id that no deal has now."""
    rows = con.execute(
        "SELECT alliance_id, kind, companies, article_ids FROM told_deals ANTI JOIN deals USING (deal_id) "
        "ORDER BY told_at DESC, deal_id"
    ).fetchall()
    gone: dict[str, list[tuple[str, str, set[str]]]] = defaultdict(list)
    for alliance, kind, names, ids in rows:
        for one in ids:
            gone[one].append((alliance, kind, set(names)))
    return gone


def _told_as(deal: Deal, own: set[str], gone: Mapping[str, Sequence[tuple[str, str, set[str]]]]) -> str | None:
    names = set(_names(deal))
    for article in sorted(own):
        for alliance, kind, companies in gone.get(article, ()):
            if kind == deal.kind.value and len(companies & names) >= min(_ALIKE, len(companies)):
                return alliance
    return None


def _history(
    con: duckdb.DuckDBPyConnection, deals: Sequence[Deal], sources: Mapping[str, set[str]], at: datetime
) -> set[str]:
    """The deals that were announced long ago and stand in filled-in articles alone, which no feed has listed."""
    old = [deal for deal in deals if deal.announced_on < (at - _HISTORY).date()]
    ids = sorted({one for deal in old for one in sources[deal.deal_id]})
    listed = load.looked_up(con, "articles", "article_id", "feed_id", ids)
    return {deal.deal_id for deal in old if not any(listed.get(one) for one in sources[deal.deal_id])}


def _previous(
    alliance: Alliance, own: Sequence[Deal], before: Mapping[str, str | None], states: Mapping[str, str]
) -> str | None:
    """The id under which an alliance was told: its own, else the one that most of its deals were told in."""
    if alliance.alliance_id in states:
        return alliance.alliance_id
    known = Counter(one for deal in own if (one := before[deal.deal_id]) is not None)
    return known.most_common(1)[0][0] if known else None


def _state(alliance: Alliance, own: Iterable[Deal]) -> Row:
    deals = sorted(
        (
            {
                "deal": [deal.kind.value, *_names(deal)],
                "status": deal.status.value,
                "amount": [deal.currency, *_sums(deal)],
            }
            for deal in own
        ),
        key=lambda one: json.dumps(one),
    )
    return {"parties": sorted(alliance.parties), "deals": deals}


def _sums(deal: Deal) -> list[str | None]:
    # As the column holds them, so that what is read back compares equal.
    return [None if one is None else f"{one:.2f}" for one in (deal.amount_min, deal.amount_max)]


def _changed(old: Row, new: Row) -> tuple[Change, ...]:
    found: list[Change] = []
    if [one["deal"] for one in old["deals"]] != [one["deal"] for one in new["deals"]]:
        found.append("deals")
    if old["parties"] != new["parties"]:
        found.append("parties")
    was = {json.dumps(one["deal"]): one for one in old["deals"]}
    pairs = [(was[key], one) for one in new["deals"] if (key := json.dumps(one["deal"])) in was]
    if any(one["amount"] != other["amount"] for one, other in pairs):
        found.append("amounts")
    if any(one["status"] != other["status"] for one, other in pairs):
        found.append("status")
    return tuple(found)


def _remember(
    con: duckdb.DuckDBPyConnection, deals: Sequence[Deal], sources: Mapping[str, set[str]], at: datetime
) -> None:
    load.put(
        con,
        "told_deals",
        (
            {
                "deal_id": deal.deal_id,
                "alliance_id": deal.alliance_id,
                "kind": deal.kind.value,
                "companies": _names(deal),
                "article_ids": sorted(sources[deal.deal_id]),
                "told_at": at,
            }
            for deal in deals
        ),
        key=["deal_id"],
    )


def _told_rows(con: duckdb.DuckDBPyConnection, deal_ids: Iterable[str]) -> dict[str, Row]:
    """The fields of `DealTold`, by the deal's id."""
    from extractors import resolve

    ids = list(deal_ids)
    # With a list of them the database works the view out for these deals alone, but looks through it for each.
    among = ONE_OF_IDS.format("deal_id") if len(ids) <= _FEW else f"deal_id IN {AMONG_IDS}"
    found = {}
    for row in queries.rows(con, f"SELECT * FROM deal_overview WHERE {among}", {"ids": texts(ids)}):
        same = [name for name in DealTold.model_fields if name in row and name != "title"]
        roles: tuple[tuple[Role, list[str]], ...] = (
            ("payer", row["payers"] or []),
            ("payee", row["payees"] or []),
            ("party", row["parties"] or []),
        )
        found[row["deal_id"]] = {name: row[name] for name in same} | {
            "payers": tuple(row["payers"] or ()),
            "payees": tuple(row["payees"] or ()),
            "parties": tuple(row["parties"] or ()),
            "companies": tuple(
                CompanyTold(company_id=resolve.company_id(name), name=name, role=role)
                for role, names in roles
                for name in names
            ),
            "article_id": row["best_article_id"],
            "url": row["best_url"],
            "site": row["best_source"],
            "title": row["best_title"],
        }
    return found


def _alliance(one: Alliance, own: Iterable[Deal], rows: Mapping[str, Row]) -> Row:
    deals = [DealTold(**rows[deal.deal_id]) for deal in own]
    deals.sort(key=lambda deal: (-(deal.usd_max or deal.usd_min or 0), deal.kind, deal.deal_id))
    shared = one.model_dump(include={"alliance_id", "title", "parties", "announced_on", "sources", "usd_max"})
    return shared | {"deals": tuple(deals), "confidence": max(deal.confidence for deal in deals)}
