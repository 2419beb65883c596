"""Corrected names: stored records hold them, whether the correction or the record came first."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.warehouse import corrections, linked, load, migrate, queries
from dealwire.warehouse.connect import Warehouse
from schemas import CompanyMerge, slug
from tests.warehouse import samples

TABLES = ("company_mentions", "chip_mentions", "model_mentions", "deal_claims", "names_as_found", "companies", "chips")
RATES = Rates.load()


def merged(one: str, into: str, *, known: bool = False) -> CompanyMerge:
    """`one` stands for `into`."""
    return CompanyMerge(
        company_id=slug(one),
        name=one,
        into_id=slug(into),
        into_name=into,
        known=known,
        source="merge",
        merged_at=samples.NOW,
    )


ALL = [
    merged("Beta", "Alpha"),
    merged("Alpha", "OpenAI", known=True),
    merged("AMD", "Zeta"),
    merged("Gamma", "Delta"),
    merged("Nobody", "Dormant", known=True),
]


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with Warehouse(tmp_path / "a.duckdb").write() as opened:
        yield opened


@pytest.fixture(scope="module")
def unread() -> tuple[duckdb.DuckDBPyConnection, ...]:
    """Two warehouses in memory, with the articles and nothing read out of them; roll back what is done to them."""
    both = duckdb.connect(config={"threads": 1}), duckdb.connect(config={"threads": 1})
    for con in both:
        migrate.bring_up_to_date(con, Path("memory"))
        con.execute("SET TimeZone = 'UTC'")
        load.store_articles(con, samples.ARTICLES)
    return both


def state(con: duckdb.DuckDBPyConnection) -> Any:
    """Everything that depends on names, deals included."""
    load.refresh_names(con, samples.CATALOGUE, [], [])
    return [con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in TABLES], link(
        queries.claims(con), rates=RATES
    )


@given(
    order=st.permutations(samples.OUTCOMES),
    changes=st.lists(st.tuples(st.integers(0, 4), st.sets(st.sampled_from(ALL))), max_size=3),
    last=st.sets(st.sampled_from(ALL)),
    at=st.integers(0, 4),
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_it_is_all_one_when_a_correction_comes_and_what_was_corrected_before(
    unread: tuple[duckdb.DuckDBPyConnection, ...],
    order: Sequence[Any],
    changes: list[tuple[int, set[CompanyMerge]]],
    last: set[CompanyMerge],
    at: int,
) -> None:
    late, early = unread
    for con in unread:
        con.begin()
    try:
        check(late, early, order, changes, last, at)
    finally:
        for con in unread:
            con.rollback()


def check(
    late: duckdb.DuckDBPyConnection,
    early: duckdb.DuckDBPyConnection,
    order: Sequence[Any],
    changes: list[tuple[int, set[CompanyMerge]]],
    last: set[CompanyMerge],
    at: int,
) -> None:
    """Corrections before everything, or in between and changed on the way, leave the same."""
    corrections.store(early, list(last))
    load.store_outcomes(early, samples.OUTCOMES)
    for place, one in enumerate([*order, None]):
        for _, said in [change for change in changes if change[0] == place and place < at]:
            corrections.store(late, list(said))
        if place == at:
            corrections.store(late, list(last))
        if one is not None:
            load.store_outcomes(late, [one])
    assert state(late) == state(early)


def test_claims_mentions_and_owners_get_the_name_that_it_ends_at(filled: Warehouse) -> None:
    with filled.write() as con:
        corrections.store(con, [merged("AMD", "Zeta"), merged("Zeta", "Delta")])
        mentions = con.execute("SELECT DISTINCT name, company_id, known FROM company_mentions ORDER BY 1").fetchall()
        assert mentions == [
            ("Alpha", "alpha", False),
            ("Beta", "beta", False),
            ("Delta", "delta", False),
            ("Gamma", "gamma", False),
            ("OpenAI", "openai", True),
        ]
        assert con.execute("SELECT vendor FROM chip_mentions").fetchall() == [("Delta",)]
        sides = con.execute("SELECT DISTINCT unnest(payers || payees || parties) FROM deal_claims").fetchall()
        assert {name for (name,) in sides} == {"Alpha", "Beta", "Delta", "Gamma", "OpenAI"}


def test_a_company_does_not_pay_itself(filled: Warehouse) -> None:
    with filled.write() as con:
        corrections.store(con, [merged("Beta", "Zeta"), merged("Gamma", "Delta")])
        found = {(deal.kind.value, deal.payers, deal.payees) for deal in link(queries.claims(con), rates=RATES).deals}
    assert ("investment", ("Alpha",), ("Zeta",)) in found
    assert not [one for one in found if one[0] == "partnership"]


@pytest.mark.both_backends
def test_taking_a_correction_back_leaves_what_was_found(filled: Warehouse) -> None:
    with filled.write() as con:
        before = state(con)
        corrections.store(con, ALL)
        assert state(con) != before
        corrections.store(con, [])
        assert state(con) == before
        assert con.execute("SELECT count(*) FROM names_as_found").fetchone() == (0,)


def test_merged_companies_are_listed_as_other_names_of_one(filled: Warehouse) -> None:
    with filled.write() as con:
        corrections.store(con, [merged("Beta", "OpenAI", known=True), merged("Dormant", "Beta")])
        load.refresh_names(con, samples.CATALOGUE, [], [])
        rows = {row["name"]: row for row in queries.company_names(con)}
    assert rows["OpenAI"]["aliases"] == ["Open AI", "Beta", "Dormant"]
    assert not {"Beta", "Dormant"} & rows.keys()
    assert rows["OpenAI"]["mentions"] == 3


def test_linking_is_told_that_names_have_changed(filled: Warehouse) -> None:
    with filled.write() as con:
        before = linked.fingerprints(con)
        corrections.store(con, [merged("Zeta", "Alpha")])
        assert linked.fingerprints(con) != before


def test_discovered_companies_go_by_their_usual_name_from_first_to_last_seen(con: duckdb.DuckDBPyConnection) -> None:
    told = [
        samples.article(f"{n}.example", "t", f"{name} grew.", published_at=samples.NOW.replace(day=n))
        for n, name in ((3, "QUELLON"), (5, "Quellon"), (9, "Quellon"))
    ]
    load.store_articles(con, told)
    for one in told:
        assert one.text is not None
        name = one.text.split()[1]
        load.store_outcomes(
            con, [(one.article_id, [samples.Outcome(samples.COMPANIES, (samples.company(one, name, known=False),))])]
        )
    load.refresh_names(con, [], [], [])
    rows = con.execute("SELECT company_id, name, known, day(first_seen), day(last_seen) FROM companies").fetchall()
    assert rows == [("quellon", "Quellon", False, 3, 9)]


@given(
    order=st.permutations(samples.OUTCOMES),
    again=st.integers(0, 3),
    emptied=st.integers(0, 3),
    said=st.sets(st.sampled_from(ALL)),
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_names_of_a_few_articles_are_brought_up_to_date_as_if_all_were(
    unread: tuple[duckdb.DuckDBPyConnection, ...],
    order: list[Any],
    again: int,
    emptied: int,
    said: set[CompanyMerge],
) -> None:
    con = unread[0]
    catalogue = {"companies": samples.CATALOGUE, "chips": [], "models": []}
    con.begin()
    try:
        corrections.store(con, list(said))
        load.refresh_names(con, samples.CATALOGUE, [], [])
        article_id, outcomes = order[emptied % len(order)]
        nothing = (article_id, [samples.Outcome(one.extractor) for one in outcomes])
        for one in [*order, order[again % len(order)], nothing]:
            before = load.mentioned(con, [one[0]])
            load.store_outcomes(con, [one])
            after = load.mentioned(con, [one[0]])
            load.refresh_mentioned(con, {table: before[table] | after[table] for table in before}, catalogue)
            quick = [con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in catalogue]
            load.refresh_names(con, samples.CATALOGUE, [], [])
            assert quick == [con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in catalogue]
    finally:
        con.rollback()
