"""Merging companies: what is stored becomes what it would be, had the names been one from the beginning."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dealwire import merging, steps
from dealwire.settings import Catalog, Settings
from dealwire.warehouse import load, queries
from dealwire.warehouse.connect import Warehouse
from extractors import catalog
from schemas.errors import InvalidInput, WarehouseMissing
from tests.warehouse import samples

TOLD = [
    ("Chipmaker Quellon raises $40 million", "Intel invested $40 million in chipmaker Quellon, the companies said."),
    ("Intel backs Quellon Photonics", "Intel invested $40 million in chipmaker Quellon Photonics, a maker of lasers."),
    ("Dell buys Vultrix", "Dell agreed to acquire start-up Vultrix for $2 billion, the companies said."),
]
ARTICLES = [
    samples.article(f"site{n}.example", title, body, published_at=samples.NOW.replace(day=n + 3))
    for n, (title, body) in enumerate(TOLD)
]
ANSWERS = (
    "SELECT * FROM deals ORDER BY ALL",
    "SELECT * FROM deal_sources ORDER BY ALL",
    "SELECT * FROM deal_history ORDER BY ALL",
    "SELECT * FROM alliances ORDER BY ALL",
    "SELECT * EXCLUDE (version) FROM company_mentions ORDER BY ALL",
    "SELECT * EXCLUDE (version) FROM deal_claims ORDER BY ALL",
    "SELECT * FROM companies WHERE first_seen IS NOT NULL ORDER BY ALL",
)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    catalog.extend(catalog.Additions())


def made(folder: Path, name: str, **names: Any) -> Settings:
    """Settings for a warehouse that holds the articles, not read yet."""
    found = Settings(database=folder / f"{name}.duckdb", catalog=Catalog(**names), encoder=False)
    with steps.warehouse(found).write() as con:
        load.store_articles(con, ARTICLES)
    return found


def passed(settings: Settings) -> Settings:
    steps.extract(settings)
    steps.link(settings)
    return settings


def answers(settings: Settings) -> list[list[tuple[Any, ...]]]:
    with steps.warehouse(settings).read() as con:
        return [con.execute(query).fetchall() for query in ANSWERS]


def names(settings: Settings) -> list[str]:
    with steps.warehouse(settings).read() as con:
        return [row["name"] for row in queries.companies(con)]


def test_merging_is_as_if_the_alias_had_been_known_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "aliases.csv").write_text("alias,company\nQuellon Photonics,Quellon\n")
    early = passed(made(tmp_path, "early", aliases=tmp_path / "aliases.csv"))
    late = passed(made(tmp_path, "late"))
    apart = answers(late)
    assert {"Quellon", "Quellon Photonics"} <= set(names(late))
    assert merging.merge(late, "Quellon Photonics", "Quellon")
    steps.link(late)
    assert answers(late) == answers(early)
    assert len(answers(late)[0]) == len(apart[0]) - 1
    assert not merging.merge(late, "quellon photonics inc.", "quellon")
    assert merging.split(late, "Quellon Photonics").into_name == "Quellon"
    steps.link(late)
    assert answers(late) == apart


def test_the_alias_file_corrects_the_archive_and_lets_go_again(tmp_path: Path) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text("# mine\nQuellon,Quellon Photonics\n")
    plain = passed(made(tmp_path, "a"))
    before = answers(plain)
    told = plain.model_copy(update={"catalog": Catalog(aliases=path)})
    report = steps.extract(told)
    assert (report.articles, report.renamed) == (0, True)
    assert "Quellon" not in names(told)
    assert not steps.extract(told).renamed
    with pytest.raises(InvalidInput, match=r"aliases\.csv; take its line out there"):
        merging.split(told, "Quellon")
    passed(plain)
    assert answers(plain) == before


def test_later_articles_and_extraction_anew_follow_a_merge(tmp_path: Path) -> None:
    settings = passed(made(tmp_path, "a"))
    merging.merge(settings, "vultrix", "Dell")
    more = samples.article("late.example", "Vultrix", "Start-up Vultrix raised $3 million from Intel.")
    with steps.warehouse(settings).write() as con:
        load.store_articles(con, [more])
        con.execute("UPDATE extractions SET version = 'old'")
    assert steps.extract(settings).articles == len(ARTICLES) + 1
    assert "Vultrix" not in names(settings)


def test_added_names_are_found_in_the_archive_at_the_next_pass(tmp_path: Path) -> None:
    settings = passed(made(tmp_path, "a"))
    assert steps.extract(settings).articles == 0
    (tmp_path / "mine.jsonl").write_text('{"name": "lasers"}\n')
    told = settings.model_copy(update={"catalog": Catalog(companies=(tmp_path / "mine.jsonl",))})
    assert steps.extract(told).articles == len(ARTICLES)
    assert "lasers" in names(told)
    assert steps.extract(told).articles == 0
    assert steps.extract(settings).articles == len(ARTICLES)
    assert "lasers" not in names(settings)


@pytest.fixture
def filled(tmp_path: Path) -> Settings:
    return Settings(database=samples.fill(tmp_path / "filled.duckdb").path)


@pytest.mark.parametrize(
    ("one", "into", "told"),
    [
        ("Zetta", "OpenAI", "there is no company 'Zetta'; near: Zeta"),
        ("Zeta", "Opn AI", "near: OpenAI"),
        ("Zeta", "x", "`dealwire companies` lists"),
        ("Zeta", "zeta", "both name Zeta"),
        ("Open AI", "Zeta", "is another name of OpenAI"),
    ],
)
def test_what_cannot_be_merged_is_told(filled: Settings, one: str, into: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        merging.merge(filled, one, into)


def test_a_merged_company_is_merged_into_no_other_before_it_is_split(filled: Settings) -> None:
    merging.merge(filled, "Zeta", "Alpha")
    with pytest.raises(InvalidInput, match='companies split "Zeta"'):
        merging.merge(filled, "Zeta", "Beta")
    with pytest.raises(InvalidInput, match="merge into that"):
        merging.merge(filled, "Alpha", "Zeta")
    merging.merge(filled, "Alpha", "Beta")
    assert not merging.merge(filled, "Zeta", "Beta")
    merging.split(filled, "Alpha")
    with pytest.raises(InvalidInput, match="not merged"):
        merging.split(filled, "Alpha")
    with Warehouse(filled.database).read() as con:
        assert {row["name"] for row in queries.companies(con)} >= {"Alpha", "Beta"}


def test_nothing_is_made_where_there_is_no_database(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "none.duckdb")
    with pytest.raises(WarehouseMissing):
        merging.merge(settings, "a", "b")
    with pytest.raises(WarehouseMissing):
        merging.split(settings, "a")
    assert not settings.database.exists()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("Acme Labs\n", "line 1 should be alias,company"),
        ("alias,company\n\nAcme, Inc.,Acme\n", "line 3 should be alias,company"),
        ("Acme Labs,Acme\nacme labs,Ajax\n", "line 2: 'acme labs' means 'Acme' at .*line 1"),
        ("A,B\nB,C\nC,A\n", "line 3: 'A' itself means 'C'"),
        ("AWS,Oracle\n", "line 1: 'AWS' is a name of Amazon Web Services"),
        ('"Acme,B\n', "is no CSV"),
    ],
)
def test_a_bad_line_of_the_alias_file_is_named(tmp_path: Path, lines: str, told: str) -> None:
    (tmp_path / "aliases.csv").write_text(lines)
    settings = Settings(database=tmp_path / "a.duckdb", catalog=Catalog(aliases=tmp_path / "aliases.csv"))
    with pytest.raises(InvalidInput, match=told):
        merging.synchronise(settings)
