"""What the deals were made from: which claims have changed since, and which deals and alliances that touches.

Claims that have a key in common, themselves or through others, are a family: only they can be claims of one deal.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import duckdb

from dealwire.warehouse import load, rejected
from dealwire.warehouse.among import AMONG, texts
from schemas import Deal, DealSource, Links

# All that `queries.claims` reads of a claim, as one number; a rejected one is as if it were not there.
_FINGERPRINTS = f"""
SELECT record_id AS claim_id, (hash(
    article_id, kind, status, payers, payees, parties, currency, amount_min, amount_max, capacity_mw_min,
    capacity_mw_max, years, stake_percent, valuation, valuation_currency, confidence, start_char, end_char,
    title, site, url, text_hash, published_at, first_seen_at
) >> 1)::BIGINT AS fingerprint
FROM deal_claims JOIN articles USING (article_id)
WHERE record_id NOT IN {rejected.IDS}
"""


class Linked(NamedTuple):
    """A claim as it was when it was linked.

    `family`: None if it can make no deal. `first_claim_id`: of the deal that it was of; None if of none.
    """

    claim_id: str
    fingerprint: int
    family: str | None
    first_claim_id: str | None


class Rules(NamedTuple):
    """By what deals were made: words that are others for other code and for other exchange rates."""

    rules: str
    rates: str


def rules(con: duckdb.DuckDBPyConnection) -> Rules | None:
    """By what the stored deals were made; None if nothing was linked yet."""
    row = con.execute("SELECT rules, rates FROM linked_by").fetchone()
    return Rules(*row) if row else None


def rates_print(con: duckdb.DuckDBPyConnection) -> str:
    """A short word that is another for other exchange rates."""
    (found,) = con.execute("SELECT bit_xor(hash(currency, day, usd)) FROM currency_rates").fetchone() or (None,)
    return str(found)


def fingerprints(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The claims as they are now."""
    return dict(con.execute(_FINGERPRINTS).fetchall())


def changed(con: duckdb.DuckDBPyConnection) -> tuple[dict[str, int | None], set[str]]:
    """Claims that are new, changed or gone since they were linked (then without a fingerprint), and their families."""
    rows = con.execute(
        f"SELECT claim_id, now.fingerprint, old.family FROM ({_FINGERPRINTS}) AS now "
        "FULL JOIN linked_claims AS old USING (claim_id) WHERE now.fingerprint IS DISTINCT FROM old.fingerprint"
    ).fetchall()
    return {row[0]: row[1] for row in rows}, {row[2] for row in rows if row[2] is not None}


def families_with(con: duckdb.DuckDBPyConnection, keys: Collection[str]) -> set[str]:
    """The families that have one of the keys."""
    return _column(con, f"SELECT DISTINCT family FROM linked_keys WHERE key IN {AMONG}", keys)


def members(con: duckdb.DuckDBPyConnection, families: Collection[str]) -> dict[str, Linked]:
    """The claims of some families by id, as they were when they were linked."""
    query = f"SELECT {', '.join(Linked._fields)} FROM linked_claims WHERE family IN {AMONG}"
    return {row[0]: Linked(*row) for row in con.execute(query, [texts(families)]).fetchall()}


def deals_from(con: duckdb.DuckDBPyConnection, families: Collection[str]) -> dict[str, frozenset[str]]:
    """The stored deals that claims of some families made: the claims of each."""
    query = (
        "SELECT deal_id, list(claim_id) FROM deal_sources JOIN linked_claims USING (claim_id) "
        f"WHERE family IN {AMONG} GROUP BY deal_id"
    )
    return {deal_id: frozenset(claims) for deal_id, claims in con.execute(query, [texts(families)]).fetchall()}


def alliances_near(con: duckdb.DuckDBPyConnection, deals: Collection[str], articles: Collection[str]) -> set[str]:
    """The stored alliances of some deals, and those of the deals that some articles tell of."""
    query = f"""
    SELECT DISTINCT alliance_id FROM deals
    WHERE deal_id IN {AMONG}
        OR deal_id IN (SELECT deal_id FROM deal_sources WHERE article_id IN {AMONG})
    """
    return _column(con, query, deals, articles)


def legs(con: duckdb.DuckDBPyConnection, alliances: Collection[str]) -> dict[str, tuple[Deal, list[str]]]:
    """The stored deals of some alliances, each with its claims."""
    names = list(Deal.model_fields)
    rows = con.execute(
        f"SELECT {', '.join(names)}, list(claim_id ORDER BY claim_id) FROM deals JOIN deal_sources USING (deal_id) "
        f"WHERE alliance_id IN {AMONG} GROUP BY ALL",
        [texts(alliances)],
    ).fetchall()
    return {
        row[names.index("deal_id")]: (Deal.model_validate(dict(zip(names, row[:-1], strict=True))), row[-1])
        for row in rows
    }


def store_changes(
    con: duckdb.DuckDBPyConnection,
    links: Links,
    *,
    replaced: Collection[str],
    dissolved: Collection[str],
) -> None:
    """Store deals and alliances that have changed.

    `replaced`: ids of the deals whose sources and history are given anew, or that are no more. `dissolved`: ids of the
    alliances whose legs are given anew.
    """
    gone = set(replaced) - {one.deal_id for one in links.deals}
    con.execute(f"DELETE FROM deals WHERE deal_id IN {AMONG}", [texts(gone)])
    con.execute(f"DELETE FROM deal_history WHERE deal_id IN {AMONG}", [texts(replaced)])
    con.execute(f"DELETE FROM alliances WHERE alliance_id IN {AMONG}", [texts(dissolved)])
    load.put(con, "deals", map(load.as_row, links.deals), key=["deal_id"])
    _store_sources(con, links.sources, replaced)
    load.put(con, "deal_history", map(load.as_row, links.history))
    load.put(con, "alliances", map(load.as_row, links.alliances))


def _store_sources(con: duckdb.DuckDBPyConnection, sources: Iterable[DealSource], deals: Collection[str]) -> None:
    """Store the sources of some deals. Most are as they were, and a claim is a source of one deal alone."""
    names = list(DealSource.model_fields)
    query = f"SELECT {', '.join(names)} FROM deal_sources WHERE deal_id IN {AMONG}"
    there = set(con.execute(query, [texts(deals)]).fetchall())
    wanted = {tuple(getattr(one, name) for name in names) for one in sources}
    gone = {claim_id for _, claim_id, *_ in there - wanted}
    con.execute(f"DELETE FROM deal_sources WHERE claim_id IN {AMONG}", [texts(gone)])
    load.put(con, "deal_sources", (dict(zip(names, row, strict=True)) for row in sorted(wanted - there)))


def note(
    con: duckdb.DuckDBPyConnection,
    claims: Sequence[Linked],
    keys: Sequence[tuple[str, str]],
    *,
    instead: Mapping[str, Linked],
    families: Collection[str],
    others: Collection[str] = (),
) -> None:
    """Remember what was linked, in place of what is known of some families and of other claims.

    `keys`: each with its family. `instead`: what is known of the claims of these families.
    """
    fresh = [one for one in claims if instead.get(one.claim_id) != one]
    gone = {*instead, *others} - {one.claim_id for one in claims}
    con.execute(f"DELETE FROM linked_claims WHERE claim_id IN {AMONG}", [texts({one.claim_id for one in fresh} | gone)])
    load.put(con, "linked_claims", (one._asdict() for one in fresh))
    known = con.execute(f"SELECT key, family FROM linked_keys WHERE family IN {AMONG}", [texts(families)]).fetchall()
    con.execute(f"DELETE FROM linked_keys WHERE key IN {AMONG}", [texts({key for key, _ in set(known) - set(keys)})])
    load.put(con, "linked_keys", ({"key": key, "family": family} for key, family in set(keys) - set(known)))


def note_all(
    con: duckdb.DuckDBPyConnection, claims: Sequence[Linked], keys: Iterable[tuple[str, str]], by: Rules
) -> None:
    """Remember what was linked when all was."""
    for table in ("linked_by", "linked_claims", "linked_keys"):
        con.execute(f"DELETE FROM {table}")
    load.put(con, "linked_claims", (one._asdict() for one in claims))
    load.put(con, "linked_keys", ({"key": key, "family": family} for key, family in keys))
    con.execute("INSERT INTO linked_by VALUES (?, ?)", list(by))


def totals(con: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """Claims, deals and alliances stored."""
    query = "SELECT (SELECT count(*) FROM deal_claims), (SELECT count(*) FROM deals), (SELECT count(*) FROM alliances)"
    claims, deals, alliances = con.execute(query).fetchone() or (0, 0, 0)
    return claims, deals, alliances


def _column(con: duckdb.DuckDBPyConnection, query: str, *given: Collection[str]) -> set[str]:
    return {row[0] for row in con.execute(query, [texts(one) for one in given]).fetchall()}
