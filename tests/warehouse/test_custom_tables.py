"""What the warehouse knows of custom extractors: tables, versions, labels, and what stays when one goes."""

from typing import Any

import pytest
from pydantic import Field, create_model

from dealwire.warehouse import custom_tables, load
from dealwire.warehouse.connect import Warehouse
from schemas import Record
from schemas.columns import OWN_TABLES
from schemas.errors import InvalidInput
from tests.warehouse import samples


class Custom:
    """An extractor as the registry holds it."""

    def __init__(self, record: type[Record], **given: Any) -> None:
        self.name, self.version, self.table, self.label, self.place = "layoffs", "1", "layoffs", None, "layoffs.py"
        self.record = record
        self.__dict__.update(given)


class Layoff(Record):
    """One cut of jobs."""

    name: str = Field(description="Who cuts.")
    amount_max: int | None = None


def changed(**fields: Any) -> type[Record]:
    return create_model("Changed", __base__=Record, **fields)


def registered(warehouse: Warehouse, one: Custom) -> str | None:
    """Why it is refused."""
    with warehouse.write() as con:
        refused = custom_tables.register(con, [one])
    return str(refused[one.name]) if refused else None


def filled_with(warehouse: Warehouse, one: Custom, *found: Record) -> None:
    assert registered(warehouse, one) is None
    with warehouse.write() as con:
        outcome = samples.Outcome(samples.Extractor(one.name, one.record, one.table), found)
        load.store_outcomes(con, [(samples.FIRST.article_id, [outcome])])


HERE = "database_name = current_database()"
"""Of several lakes that one process has open."""


def asked(warehouse: Warehouse, query: str) -> list[Any]:
    with warehouse.read() as con:
        return con.execute(query).fetchall()


def test_a_table_is_there_before_the_first_record_with_what_the_class_says(filled: Warehouse) -> None:
    registered(filled, Custom(Layoff))
    assert asked(filled, "SELECT count(*) FROM layoffs") == [(0,)]
    about = f"SELECT comment FROM duckdb_columns() WHERE table_name = 'layoffs' AND column_name = 'name' AND {HERE}"
    assert asked(filled, about) == [("Who cuts.",)]
    said = create_model("Layoff", __base__=Record, name=(str, Field(description="The company.")),
                        amount_max=(int | None, None))  # fmt: skip
    registered(filled, Custom(said, version="2"))
    assert asked(filled, about) == [("The company.",)]


def test_a_record_that_changes_needs_another_version(filled: Warehouse) -> None:
    filled_with(filled, Custom(Layoff), Layoff(start=0, end=4, name="AMD"))
    more = changed(name=(str, ...), amount_max=(int | None, None), share=(float | None, None))
    told = registered(filled, Custom(more))
    assert told == (
        "extractor 'layoffs': its record has changed (share is new), but its version is still '1'; raise the version, "
        "and stored articles are read again"
    )
    assert registered(filled, Custom(more, version="2")) is None
    assert asked(filled, "SELECT name, share, version FROM layoffs") == [("AMD", None, "1")]
    less = changed(name=(str, ...))
    assert "amount_max is gone, share is gone" in str(registered(filled, Custom(less, version="2")))
    assert registered(filled, Custom(less, version="3")) is None


def test_a_change_that_does_not_fit_is_refused_with_three_ways_out(filled: Warehouse) -> None:
    filled_with(filled, Custom(Layoff), Layoff(start=0, end=4, name="AMD"))
    told = registered(filled, Custom(changed(name=(int, ...)), version="2"))
    assert told == (
        "table layoffs: column name is VARCHAR, Changed now says BIGINT; give the field another name, give the "
        "extractor another name or table, or drop the table (`dealwire extractors drop layoffs`) and read the archive "
        "again (`dealwire extract --stale`)"
    )
    assert [one.version for one in asked_known(filled)] == ["1"]


def asked_known(warehouse: Warehouse) -> list[custom_tables.Known]:
    with warehouse.read() as con:
        return list(custom_tables.known(con).values())


@pytest.mark.both_backends
def test_records_with_a_label_are_mentions(filled: Warehouse) -> None:
    one = Custom(Layoff, label="LAYOFF")
    filled_with(filled, one, Layoff(start=0, end=6, name="OpenAI", amount_max=5))
    rows = "SELECT label, text, entity, amount_max, extractor FROM mentions WHERE extractor = 'layoffs'"
    # A field of another type than the view's column is left out.
    assert asked(filled, rows) == [("LAYOFF", "OpenAI", "OpenAI", None, "layoffs")]
    before = asked(filled, "SELECT count(*) FROM mentions")
    registered(filled, Custom(Layoff))
    assert asked(filled, rows) == []
    registered(filled, one)
    assert asked(filled, "SELECT count(*) FROM mentions") == before
    with filled.write() as con:
        # The view is made anew by a newer dealwire, and by one that finds the table gone.
        con.execute("UPDATE schema_changes SET name = 'older' WHERE number = 0")
    assert asked(filled, rows)
    with filled.write() as con:
        con.execute("DROP TABLE layoffs")
        con.execute("UPDATE schema_changes SET name = 'older' WHERE number = 0")
    assert asked(filled, rows) == []


def test_one_that_goes_leaves_its_table_and_is_told_once(filled: Warehouse) -> None:
    filled_with(filled, Custom(Layoff), Layoff(start=0, end=4, name="AMD"))
    with filled.write() as con:
        assert custom_tables.note_removed(con, ["layoffs"]) == []
        assert [one.table for one in custom_tables.note_removed(con, [])] == ["layoffs"]
        assert custom_tables.note_removed(con, []) == []
    assert asked(filled, "SELECT name FROM layoffs") == [("AMD",)]
    assert [one.removed for one in asked_known(filled)] == [True]
    registered(filled, Custom(Layoff))
    assert [one.removed for one in asked_known(filled)] == [False]


@pytest.mark.both_backends
def test_dropping_takes_table_ledger_and_mentions(filled: Warehouse) -> None:
    filled_with(filled, Custom(Layoff, label="LAYOFF"), Layoff(start=0, end=4, name="AMD"))
    with filled.write() as con:
        assert custom_tables.drop(con, "layoffs") == 1
    assert asked(filled, f"SELECT table_name FROM duckdb_tables() WHERE table_name = 'layoffs' AND {HERE}") == []
    assert asked(filled, "SELECT extractor FROM extractions WHERE extractor = 'layoffs'") == []
    assert asked(filled, "SELECT label FROM mentions WHERE label = 'LAYOFF'") == []
    with filled.write() as con, pytest.raises(InvalidInput, match="no custom extractor 'layoffs' has a table here"):
        custom_tables.drop(con, "layoffs")
    # It may come back with another shape.
    assert registered(filled, Custom(changed(name=(int, ...)))) is None


def test_a_shared_table_keeps_the_rows_of_the_other(filled: Warehouse) -> None:
    filled_with(filled, Custom(Layoff), Layoff(start=0, end=4, name="AMD"))
    filled_with(filled, Custom(Layoff, name="cuts"), Layoff(start=0, end=4, name="Intel"))
    with filled.write() as con:
        custom_tables.drop(con, "layoffs")
    assert asked(filled, "SELECT name FROM layoffs") == [("Intel",)]


def test_the_list_of_dealwires_own_tables_is_whole(filled: Warehouse) -> None:
    every = "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database()"
    there = {name for (name,) in asked(filled, every)}
    assert there <= OWN_TABLES, "add them to schemas.columns.OWN_TABLES"
