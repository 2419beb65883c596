"""Linking again: all claims, or only the families in which something has changed, with the same result."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import duckdb

from dealwire.linking import alliances
from dealwire.linking.clusters import Cluster, in_order, keys_of
from dealwire.linking.families import families
from dealwire.linking.link import Settled, links, settle
from dealwire.linking.rates import Rates
from dealwire.linking.sides import sides
from dealwire.warehouse import linked, load, queries, telling
from dealwire.warehouse.connect import Warehouse
from schemas import LinkReport, Links, StoredClaim, content_id

Begun = Callable[[int], None]
"""Told how many claims are looked at, before it takes its time."""
_known_rates: dict[str, Rates] = {}
"""The rates that were used last, by the word for them."""
MANY = 10_000
"""Changed claims that are linked while the warehouse is held; with more to do it is let go meanwhile."""


@contextmanager
def _unswept() -> Iterator[None]:
    """Without the search for cycles: linking makes very many records and none in a cycle, and a third of the time went
    into looking at them."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


@_unswept()
def relink(store: Warehouse, begun: Begun = lambda claims: None) -> LinkReport:
    """Bring deals and alliances up to date with the claims."""
    with store.write() as con:
        rates = _rates(con)
        by = _rules(con)
        report = update(con, rates, begun) if linked.rules(con) == by else None
        if report is None:
            claims, prints = queries.claims(con), linked.fingerprints(con)
    if report is None:
        begun(len(claims))
        settled = settle(claims, rates=rates)
        found = links(settled)
        rows, keys = _families(claims, prints, settled)
        with store.write() as con:
            new_deals, new_alliances = load.store_links(con, found)
            linked.note_all(con, rows, keys, by)
        report = LinkReport(
            claims=len(claims),
            deals=len(found.deals),
            alliances=len(found.alliances),
            new_deals=new_deals,
            new_alliances=new_alliances,
        )
    return report


def _rates(con: duckdb.DuckDBPyConnection) -> Rates:
    """The rates that are stored, the shipped ones among them; read again only when they have changed."""
    found = _known_rates.get(linked.rates_print(con))
    if found is None:
        load.store_rates(con, Rates.load().rows())
        found = Rates.load(queries.rates(con))
        _known_rates.clear()
        _known_rates[linked.rates_print(con)] = found
    return found


def update(con: duckdb.DuckDBPyConnection, rates: Rates, begun: Begun = lambda claims: None) -> LinkReport | None:
    """Link what has changed since it was linked last; None if that is so much that all should be."""
    changed, touched = linked.changed(con)
    new_deals = new_alliances = 0
    if len(changed) > MANY:
        return None
    if changed:
        fresh = queries.claims(con, changed)
        touched |= linked.families_with(con, {key for claim in fresh for key in keys_of(claim)})
        there = linked.members(con, touched)
        begun(len(there.keys() | changed.keys()))
        before = linked.deals_from(con, touched)
        prints = {one.claim_id: one.fingerprint for one in there.values() if one.claim_id not in changed}
        prints |= {claim_id: number for claim_id, number in changed.items() if number is not None}
        claims = queries.claims(con, prints)
        settled = settle(claims, rates=rates, before=_kept(there.values(), changed))
        new_deals, new_alliances = _store(con, [one for one in settled if one.counted], before, changed)
        rows, keys = _families(claims, prints, settled)
        linked.note(con, rows, keys, instead=there, families=touched, others=changed)
    total, deals, found = linked.totals(con)
    return LinkReport(claims=total, deals=deals, alliances=found, new_deals=new_deals, new_alliances=new_alliances)


def _store(
    con: duckdb.DuckDBPyConnection,
    settled: Sequence[Settled],
    before: dict[str, frozenset[str]],
    changed: dict[str, int | None],
) -> tuple[int, int]:
    """Store the deals of some families and the alliances that they touch; how many deals and alliances are new."""
    by_id = {one.deal_id: one for one in settled}
    anew = [one for one in settled if _differs(one, before, changed)]
    replaced = {one.deal_id for one in anew} | (before.keys() - by_id.keys())
    articles = {claim.article_id for one in anew for claim in alliances.at_first(one.cluster)}
    # A tie between two deals depends on these two alone, so alliances of which no leg is tied to a changed deal stay.
    dissolved = linked.alliances_near(con, replaced, articles)
    old = linked.legs(con, dissolved)
    outside = {deal_id: leg for deal_id, leg in old.items() if deal_id not in by_id and deal_id not in replaced}
    told = {one.claim_id: one for one in queries.claims(con, [name for _, names in outside.values() for name in names])}
    legs = [(one.deal, one.cluster) for one in anew]
    legs += [(old[name][0], by_id[name].cluster) for name in sorted(old) if name in by_id and name not in replaced]
    legs += [(deal, _cluster([told[name] for name in names])) for deal, names in outside.values()]
    deals, found = alliances.group(legs)
    links = Links(
        deals=tuple(deals),
        sources=tuple(source for one in anew for source in one.sources),
        history=tuple(change for one in anew for change in one.history),
        alliances=tuple(found),
    )
    linked.store_changes(con, links, replaced=replaced, dissolved=dissolved)
    return telling.links(con, links)


def _differs(one: Settled, before: dict[str, frozenset[str]], changed: dict[str, int | None]) -> bool:
    claims = frozenset(claim.claim_id for claim in one.cluster.claims)
    return before.get(one.deal_id) != claims or not claims.isdisjoint(changed)


def _cluster(claims: Iterable[StoredClaim]) -> Cluster:
    ordered = in_order(claims)
    return Cluster(ordered, sides(ordered[0]))


def _kept(there: Collection[linked.Linked], changed: Collection[str]) -> dict[str, str]:
    """The deals, each by its first claim, of which no claim has changed or gone."""
    broken = {one.first_claim_id for one in there if one.claim_id in changed}
    return {
        one.claim_id: one.first_claim_id
        for one in there
        if one.first_claim_id is not None and one.first_claim_id not in broken
    }


def _families(
    claims: Iterable[StoredClaim], prints: Mapping[str, int], settled: Iterable[Settled]
) -> tuple[list[linked.Linked], list[tuple[str, str]]]:
    clusters = [one.cluster for one in settled]
    first = {claim.claim_id: one.first.claim_id for one in clusters for claim in one.claims}
    told: list[tuple[list[str], Iterable[str]]] = [
        ([claim.claim_id for claim in one.claims], one.keys) for one in clusters
    ]
    # A claim that only repeats another of its article is of no deal.
    loose = [claim for claim in claims if claim.claim_id not in first]
    told += [([claim.claim_id], keys) for claim in loose if (keys := keys_of(claim))]
    of_claim, of_key = families(told)
    rows = [linked.Linked(name, number, of_claim.get(name), first.get(name)) for name, number in prints.items()]
    return rows, list(of_key.items())


def _rules(con: duckdb.DuckDBPyConnection) -> linked.Rules:
    """By what claims are linked now: the code, which may be another after an upgrade, and the rates."""
    return linked.Rules(_code(), linked.rates_print(con))


@cache
def _code() -> str:
    here = files("dealwire.linking")
    return content_id(*(one.read_text("utf-8") for one in sorted(here.iterdir(), key=str) if one.is_file()))
