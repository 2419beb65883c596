"""The views: an amount counts once, evidence is the sentence, circles have their published scores."""

import itertools
import json
import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dealwire.warehouse import load, migrate, queries
from dealwire.warehouse.connect import Warehouse
from schemas import Alliance, Links
from tests.warehouse import samples
from tests.warehouse.samples import BILLION, deal

TRACKER = Path(__file__).parents[3] / "shared" / "data" / "tracker" / "paper_deals.jsonl"


def rows(store: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with store.read() as con:
        return con.execute(query).fetchall()


def linked(store: Warehouse, *deals: Any) -> None:
    with store.write() as con:
        load.store_links(con, Links(deals=deals, sources=(), history=(), alliances=()))


def flows_only(flows: list[tuple[str, str, str, str, float | None, float]]) -> duckdb.DuckDBPyConnection:
    """The views of circles over flows given by hand: payer, payee, kind, flow, US dollars, confidence."""
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE money_flows (payer VARCHAR, payee VARCHAR, kind VARCHAR, flow VARCHAR, status VARCHAR, "
        "usd_min DECIMAL(38,2), usd_max DECIMAL(38,2), confidence DOUBLE)"
    )
    for payer, payee, kind, flow, usd, confidence in flows:
        con.execute(
            "INSERT INTO money_flows VALUES (?, ?, ?, ?, 'announced', NULL, ?, ?)",
            [payer, payee, kind, flow, usd, confidence],
        )
    for view in migrate.views():
        if view.name.startswith("circular"):
            con.execute(view.text)
    return con


def test_a_deal_of_two_is_one_flow_with_its_amount(filled: Warehouse) -> None:
    assert rows(
        filled,
        "SELECT payer, payee, kind, flow, status, currency, amount_min, amount_max, capacity_mw, round_amount_max "
        "FROM money_flows WHERE deal_id = 'd-chips'",
    ) == [("OpenAI", "AMD", "purchase", "COMPUTE_HARDWARE", "announced", "USD", None, 90 * BILLION, 6000.0, None)]


def test_a_sum_that_several_share_is_no_ones_own_and_counts_once(filled: Warehouse) -> None:
    found = rows(
        filled,
        "SELECT payer, payee, amount_min, amount_max, usd_max, round_amount_min, round_amount_max "
        "FROM money_flows WHERE deal_id = 'd-round' ORDER BY payer",
    )
    nothing = (None, None, None)
    assert found == [
        ("Alpha", "Zeta", *nothing, 2 * BILLION, 2 * BILLION),
        ("Beta", "Zeta", *nothing, 2 * BILLION, 2 * BILLION),
    ]


def test_undirected_deals_are_no_flows(filled: Warehouse) -> None:
    assert not rows(filled, "FROM money_flows WHERE kind IN ('partnership', 'joint_venture')")
    assert rows(filled, "SELECT parties FROM deal_overview WHERE kind = 'partnership'") == [(["Gamma", "Delta"],)]


def test_a_deal_comes_with_its_best_sentence_and_all_its_sites(filled: Warehouse) -> None:
    assert rows(
        filled,
        "SELECT first_source, sites, best_source, quoted, evidence, best_title FROM deal_overview "
        "WHERE deal_id = 'd-chips'",
    ) == [
        (
            "wire.example",
            ["paper.example", "wire.example"],
            "paper.example",
            "up to $90 billion",
            "OpenAI agreed to purchase up to $90 billion of AMD systems 🤝 over years.",
            "AMD sells to OpenAI",
        )
    ]


def test_a_deal_is_one_row_even_when_two_claims_or_none_are_marked_best(filled: Warehouse) -> None:
    for best in (True, False):
        with filled.write() as con:
            con.execute("UPDATE deal_sources SET best = ?", [best])
        assert rows(filled, "SELECT count(*), count(evidence) FROM deal_overview") == [(5, 5)]


@pytest.mark.both_backends
def test_an_alliance_is_one_row_with_readable_legs_totals_and_sources(filled: Warehouse) -> None:
    found = {row["alliance_id"]: row for row in _alliances(filled)}
    assert found["a-amd"]["legs"] == ["OpenAI → AMD: purchase up to $90B, 6 GW", "AMD → OpenAI: investment"]
    assert found["a-amd"]["sites"] == ["paper.example", "wire.example"]
    assert found["a-amd"]["chips"] == ["AMD Instinct MI450"]
    assert found["a-amd"]["first_seen_at"] == samples.NOW
    assert found["a-zeta"]["legs"] == ["Alpha, Beta → Zeta: investment $2B", "Zeta → Alpha: purchase $500M"]
    assert (found["a-zeta"]["usd_invested"], found["a-zeta"]["usd_purchased"]) == (2 * BILLION, BILLION / 2)
    assert found["a-gamma"]["legs"] == ["Gamma + Delta: partnership (planned)"]
    assert found["a-gamma"]["kinds"] == ["partnership"]


@pytest.mark.parametrize(
    ("fields", "leg"),
    [
        ({"currency": "EUR", "amount_min": Decimal("1.7") * BILLION, "amount_max": Decimal("1.7") * BILLION}, "€1.7B"),
        ({"currency": "USD", "amount_min": 5 * BILLION, "amount_max": 7 * BILLION}, "$5B–$7B"),
        ({"currency": "USD", "amount_min": 1_500_000_000_000}, "over $1.5T"),
        ({"currency": "CHF", "amount_max": 250_000}, "up to CHF 250000"),
        ({"currency": "JPY", "amount_max": 12_345_678, "amount_min": 12_345_678, "amounts_disagree": True},
         "¥12.35M (sources disagree)"),
        ({"status": "ended"}, "(ended)"),
    ],
)  # fmt: skip
def test_amounts_are_printed_short(filled: Warehouse, fields: dict[str, Any], leg: str) -> None:
    one = deal("d", "a", "purchase", payers=("A",), payees=("B",), **fields)
    told = Alliance(alliance_id="a", title="t", parties=("A", "B"), announced_on=one.announced_on, deals=1, sources=1)
    with filled.write() as con:
        load.store_links(con, Links(deals=(one,), sources=(), history=(), alliances=(told,)))
    assert [row["legs"] for row in _alliances(filled)] == [[f"A → B: purchase {leg}"]]


@pytest.mark.both_backends
def test_a_failing_feed_says_so_in_words(filled: Warehouse) -> None:
    with filled.write() as con:
        later = samples.polled(1, status="retry", failures=1)
        at = later.poll.polled_at + timedelta(hours=1)
        feed = later.feed.model_copy(update={"last_ok_at": later.poll.polled_at})
        load.store_polled(
            con, [later.model_copy(update={"feed": feed, "poll": later.poll.model_copy(update={"polled_at": at})})], []
        )
        assert [(row["feed_id"], row["health"], row["recent"]) for row in queries.feed_health(con)] == [
            ("feed-3", "has never answered: no answer in 30 s", ["retry"]),
            ("feed-1", "failing, 1 poll since 2025-11-18 13:00 UTC: no answer in 30 s", ["retry", "ok"]),
            ("feed-2", "healthy", ["ok"]),
        ]


@pytest.mark.both_backends
def test_money_that_comes_back_is_a_loop(filled: Warehouse) -> None:
    # Investment against hardware, one amount unknown, confidence .8 both: .35 · 1 + .35 · .5 + .30 · .8
    assert rows(filled, "SELECT companies, size, flows, usd, round(score, 4) FROM circular_flows WHERE usd > 1e9") == [
        (["AMD", "OpenAI"], 2, ["MONEY", "COMPUTE_HARDWARE"], 90e9, 0.765)
    ]


def test_ended_deals_close_no_circle(filled: Warehouse) -> None:
    there, back = ("A",), ("B",)
    linked(
        filled,
        deal("1", "a", "purchase", payers=there, payees=back),
        deal("2", "a", "investment", payers=back, payees=there, status="ended"),
    )
    assert not rows(filled, "FROM circular_flows")


def test_scores_of_loops_and_cycles_are_the_published_formulas() -> None:
    con = flows_only(
        [
            ("A", "B", "investment", "MONEY", 10e9, 1.0),
            ("B", "A", "purchase", "SERVICE", 4e9, 0.8),
            ("B", "A", "purchase", "SERVICE", 1e9, 1.0),
            ("B", "C", "purchase", "COMPUTE_HARDWARE", 1e9, 1.0),
            ("C", "A", "purchase", "SERVICE", None, 0.6),
            ("C", "D", "purchase", "SERVICE", None, 0.6),
        ]
    )
    found = {
        tuple(companies): score
        for companies, score in con.execute("SELECT companies, score FROM circular_flows").fetchall()
    }
    loop = 0.35 + 0.35 * (0.5 + 0.5 * 5 / 10) + 0.30 * (1.0 + 1.0) / 2
    cycle = 0.30 + 0.25 * (1 - 1 / 3) + 0.10 * (10.0413927 - 6) / 6 + 0.20 * (1 + 1 + 0.6) / 3 + 0.15 / 2**0.5
    assert found == pytest.approx({("A", "B"): loop, ("A", "B", "C"): cycle}, abs=1e-6)
    hubs = dict(con.execute("SELECT company, hub_score FROM circular_hubs").fetchall())
    assert hubs == pytest.approx({"A": loop + cycle, "B": loop + cycle, "C": cycle}, abs=1e-6)


def test_every_simple_cycle_of_up_to_five_is_found_once_and_none_passes_a_company_twice() -> None:
    random_source = random.Random(7)
    names = "ABCDEFGH"
    edges = {pair for pair in itertools.permutations(names, 2) if random_source.random() < 0.3}
    con = flows_only([(payer, payee, "purchase", "SERVICE", 1e9, 1.0) for payer, payee in sorted(edges)])
    expected = {
        path
        for size in range(2, 6)
        for path in itertools.permutations(names, size)
        if path[0] == min(path) and all(edge in edges for edge in zip(path, (*path[1:], path[0]), strict=True))
    }
    found = [tuple(row[0]) for row in con.execute("SELECT companies FROM circular_flows").fetchall()]
    assert len(expected) > 10
    assert sorted(found) == sorted(expected)


@pytest.mark.skipif(not TRACKER.exists(), reason="the published deals are not here")
def test_the_published_deals_have_the_published_scores() -> None:
    deals = [json.loads(line) for line in TRACKER.read_text(encoding="utf-8").splitlines()]
    con = flows_only(
        [
            (one["src"], one["dst"], one["deal_type"], one["flow"], one["amount"], one["confidence"] / 5)
            for one in deals
            if one["directional"]
        ]
    )
    found = {frozenset(companies): (size, score) for companies, size, score in con.execute(
        "SELECT companies, size, score FROM circular_flows WHERE size = 2"
    ).fetchall()}  # fmt: skip
    assert len(found) == 7
    assert sum(score for _, score in found.values()) / 7 == pytest.approx(0.820, abs=5e-4)
    for pair, score in {
        ("anthropic", "microsoft"): 0.854,
        ("microsoft", "openai"): 0.832,
        ("nvidia", "xai"): 0.783,
    }.items():
        assert found[frozenset(pair)][1] == pytest.approx(score, abs=6e-4)
    cycles = con.execute("SELECT companies, score FROM circular_flows WHERE size > 2 ORDER BY score DESC").fetchall()
    assert len(cycles) == 9
    assert set(cycles[0][0]) == {"openai", "microsoft", "nvidia"}
    assert cycles[0][1] == pytest.approx(0.915, abs=5e-4)
    hubs = dict(con.execute("SELECT company, hub_score FROM circular_hubs").fetchall())
    for company, score in {"microsoft": 10.17, "anthropic": 8.42, "nvidia": 8.38, "openai": 7.58}.items():
        assert hubs[company] == pytest.approx(score, abs=5e-3)


def _alliances(store: Warehouse) -> list[dict[str, Any]]:
    with store.read() as con:
        return queries.alliances(con)
