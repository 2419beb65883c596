"""A record class is a table: its columns, its growth, and what is refused."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from dealwire.warehouse import load, migrate, record_tables
from dealwire.warehouse.connect import Warehouse
from schemas import Record
from schemas.errors import RecordIncompatible
from tests.warehouse import samples


class Reason(Enum):
    COST = "cost"


class Level(IntEnum):
    HIGH = 3


class Site(BaseModel):
    place: str
    megawatts: float | None = None


class Layoff(Record):
    """One announced cut of jobs."""

    company: str = Field(description='Who cuts; it\'s "canonical".')
    jobs: int | None = None
    share: float = 0.0
    saved: Decimal | None = None
    final: bool = False
    on: date | None = None
    told_at: datetime | None = None
    reason: Reason = Reason.COST
    level: Level = Level.HIGH
    word: Literal["cut", "fired"] = "cut"
    units: tuple[str, ...] = ()
    counts: list[int] | None = None
    names: frozenset[str] = frozenset()
    site: Site | None = None
    sites: list[Site] = Field(default_factory=list)
    more: dict[str, Any] = Field(default_factory=dict)
    tried: Annotated[int, Field(gt=0)] | None = None


def stored(warehouse: Warehouse, record: type[Record], *found: Record, table: str = "layoffs") -> None:
    with warehouse.write() as con:
        extractor = samples.Extractor("layoffs", record, table)
        load.store_outcomes(con, [(samples.FIRST.article_id, [samples.Outcome(extractor, found)])])


def changed(**fields: Any) -> type[Record]:
    """The class as its author might change it."""
    return create_model("Changed", __base__=Record, **fields)


def test_every_kind_of_field_has_a_column_type() -> None:
    assert {
        name: kind for name, kind in record_tables.columns(Layoff).items() if name not in record_tables.PROVENANCE
    } == {
        "company": "VARCHAR",
        "jobs": "BIGINT",
        "share": "DOUBLE",
        "saved": "DECIMAL(38,2)",
        "final": "BOOLEAN",
        "on": "DATE",
        "told_at": "TIMESTAMPTZ",
        "reason": "VARCHAR",
        "level": "BIGINT",
        "word": "VARCHAR",
        "units": "VARCHAR[]",
        "counts": "BIGINT[]",
        "names": "VARCHAR[]",
        "site": "JSON",
        "sites": "JSON",
        "more": "JSON",
        "tried": "BIGINT",
    }


@pytest.mark.both_backends
def test_a_record_comes_back_as_it_was(filled: Warehouse) -> None:
    one = Layoff(
        start=3,
        end=9,
        company="Ω \ud800 Corp",
        jobs=2**62,
        saved=Decimal("12345678901234567890123456789012345.67"),
        on=date(2025, 1, 2),
        told_at=datetime(2025, 1, 2, 3, tzinfo=UTC),
        units=("a", "b"),
        names=frozenset({"z", "y"}),
        site=Site(place="Oslo"),
        sites=[Site(place="Rome", megawatts=5)],
        more={"a": [1]},
    )
    bare = Layoff(start=3, end=9, company="Bare")
    stored(filled, Layoff, one, one, bare)
    with filled.read() as con:
        row, empty = con.execute(
            'SELECT company, jobs, saved, "on", told_at, reason, level, units, counts, names, site.place, '
            "sites[0].megawatts::DOUBLE, more.a[0]::INTEGER, start_char, end_char, extractor, version "
            "FROM layoffs ORDER BY jobs NULLS LAST"
        ).fetchall()
    assert row == (
        "Ω ? Corp", one.jobs, one.saved, one.on, one.told_at, "cost", 3, ["a", "b"], None, ["y", "z"], '"Oslo"',
        5.0, 1, 3, 9, "layoffs", "1",
    )  # fmt: skip
    assert empty[:3] == ("Bare", None, None)


def test_what_a_class_says_of_itself_is_stored_as_comments(filled: Warehouse) -> None:
    stored(filled, Layoff)
    with filled.read() as con:
        assert con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'layoffs'").fetchone() == (
            "One announced cut of jobs.",
        )
        assert con.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'layoffs' AND column_name = 'company'"
        ).fetchone() == ('Who cuts; it\'s "canonical".',)


@pytest.mark.both_backends
def test_a_new_optional_field_adds_a_column_and_keeps_ids(filled: Warehouse) -> None:
    before, after = changed(company=(str, ...)), changed(company=(str, ...), jobs=(int | None, None))
    stored(filled, before, before(start=0, end=1, company="A"))
    with filled.read() as con:
        (old_id,) = con.execute("SELECT record_id FROM layoffs").fetchone() or ()
    stored(filled, after, after(start=0, end=1, company="A"), after(start=0, end=1, company="A", jobs=5))
    with filled.read() as con:
        found = dict(con.execute("SELECT record_id, jobs FROM layoffs").fetchall())
    assert found.pop(old_id) is None
    assert list(found.values()) == [5]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"company": (int, ...)}, "column company is VARCHAR, Changed now says BIGINT; give the field another name"),
        ({"company": (str, ...), "jobs": (int, ...)}, "field jobs is new and required"),
        ({"company": (list[str], ...)}, "now says VARCHAR[]"),
    ],
)
def test_an_incompatible_change_is_refused_with_the_ways_out_and_changes_nothing(
    filled: Warehouse, fields: dict[str, Any], told: str
) -> None:
    before, after = changed(company=(str, ...)), changed(**fields)
    stored(filled, before, before(start=0, end=1, company="A"))
    with pytest.raises(RecordIncompatible, match=re.escape(told)) as caught:
        stored(filled, after)
    assert "drop the table" in str(caught.value)
    with filled.read() as con:
        assert con.execute("SELECT company FROM layoffs").fetchall() == [("A",)]


@pytest.mark.parametrize("table", ["articles", "deals", "mentions", "money_flows", "schema_changes"])
def test_dealwires_own_tables_and_views_cannot_be_taken(filled: Warehouse, table: str) -> None:
    with pytest.raises(RecordIncompatible, match="another name"):
        stored(filled, Layoff, table=table)


@pytest.mark.parametrize("annotation", [complex, int | str, tuple[int, str], Sequence[complex], Any, bytes])
def test_a_type_that_has_no_column_is_refused_by_name(annotation: Any) -> None:
    with pytest.raises(RecordIncompatible, match=r"Changed\.odd"):
        record_tables.columns(changed(odd=(annotation, ...)))


@pytest.mark.parametrize("name", ["version", "article_id", "Extractor"])
def test_a_field_named_like_a_provenance_column_is_refused(name: str) -> None:
    with pytest.raises(RecordIncompatible, match="is there already"):
        record_tables.columns(changed(**{name: (str, ...)}))


@pytest.mark.both_backends
def test_the_built_in_and_core_tables_have_the_columns_and_types_of_their_classes(filled: Warehouse) -> None:
    with filled.read() as con:
        found = con.execute("SELECT table_name, column_name, data_type FROM information_schema.columns").fetchall()
    types: dict[str, dict[str, str]] = {}
    for table, column, kind in found:
        types.setdefault(table, {})[column] = record_tables.short_type(kind).replace("INTEGER", "BIGINT")
    for table, record in record_tables.BUILTIN.items():
        assert types[table] == {
            name: kind.replace("INTEGER", "BIGINT") for name, kind in record_tables.columns(record).items()
        }
    for table, model in record_tables.CORE.items():
        assert types[table] == {
            name: record_tables.column_type(field.annotation, name) for name, field in model.model_fields.items()
        }


def test_the_schema_uses_nothing_that_ducklake_refuses() -> None:
    refused = r"PRIMARY KEY|UNIQUE|\bCHECK\b|SEQUENCE|\bINDEX\b|\bENUM\b|RETURNING|ON CONFLICT|REFERENCES|GENERATED"
    for one in (*migrate.changes(), *migrate.views()):
        code = re.sub(r"--.*", "", one.text)
        assert not re.search(refused, code, re.IGNORECASE), one.name


@pytest.mark.both_backends
def test_a_file_from_before_a_field_was_added_gains_its_column(filled: Warehouse) -> None:
    with filled.write() as con:
        con.execute("ALTER TABLE company_mentions DROP COLUMN confidence")
        con.execute("ALTER TABLE feeds DROP COLUMN last_error")
        con.execute("UPDATE schema_changes SET name = 'older' WHERE number = 0")
    with filled.read() as con:
        assert con.execute("SELECT count(*), count(confidence) FROM company_mentions").fetchone() == (9, 0)
        assert con.execute("SELECT last_error FROM feeds").fetchall()
