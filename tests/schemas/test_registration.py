"""What is refused when an extractor is registered, and what is said instead."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from pydantic import create_model

from extractors import registry
from schemas import Record
from schemas.columns import why_no_table
from schemas.errors import ExtractorRefused


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


class Word(Record):
    text: str


class Other(Record):
    number: int


class Elsewhere:
    """A class that no column can hold."""


def find(doc: Any) -> Iterator[Word]:
    yield from ()


def register(name: str = "words", **given: Any) -> None:
    registry.extractor(name, **({"version": "1", "record": Word} | given))(find)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "select"}, "word of SQL"),
        ({"name": "order"}, "word of SQL"),
        ({"name": "Words"}, "lower-case letters"),
        ({"name": "a-b"}, "lower-case letters"),
        ({"name": "_a"}, "begin with a letter"),
        ({"name": "x" * 64}, "lower-case letters"),
        ({"name": "articles"}, "dealwire has a table or view articles"),
        ({"name": "money_flows"}, "dealwire has a table or view money_flows"),
        ({"name": "money"}, "one of the extractors that come along"),
        ({"table": "company_mentions"}, "one of the extractors that come along"),
        ({"table": "deals"}, "extractors that come along"),
        ({"version": 2}, 'such as version="1", not 2'),
        ({"version": " "}, "such as version"),
        ({"requires": "companies"}, "requires=\\('companies',\\)"),
        ({"label": "COMPANY"}, "taken"),
        ({"label": "a'b"}, "no word"),
        ({"record": dict}, "no class made from dealwire.Record"),
        ({"record": "Word"}, "no class made from dealwire.Record"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ExtractorRefused, match=told):
        register(**given)
    assert registry.names() == ()


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (bytes, "Odd.field: bytes has no column type; use str"),
        (timedelta, "timedelta has no column type; use float, in seconds"),
        (Elsewhere, "Elsewhere has no column type; use str, int, float"),
        (int | str, "int | str has no column type; use one type"),
        (list[bytes], "bytes has no column type; use str"),
        (Any, "Any has no column type"),
    ],
)
def test_a_field_that_has_no_column_is_named_with_what_to_use(annotation: Any, told: str) -> None:
    odd: Any = create_model("Odd", __base__=Record, field=(annotation, ...))
    with pytest.raises(ExtractorRefused) as refused:
        register(record=odd)
    assert told in str(refused.value)


def test_a_table_and_a_label_belong_to_one() -> None:
    register(label="WORD")
    with pytest.raises(ExtractorRefused, match="the table words holds the records of 'words'"):
        register("others", record=Other, table="words")
    with pytest.raises(ExtractorRefused, match="the label WORD is that of 'words'"):
        register("others", label="WORD")
    register("others", table="words")


def test_the_same_function_may_be_registered_again_and_only_it() -> None:
    register()
    register(version="2")
    assert registry.get("words").version == "2"

    def find(doc: Any) -> Iterator[Word]:
        yield from ()

    with pytest.raises(ExtractorRefused, match=r"taken by .*test_registration\.py"):
        registry.extractor("words", version="1", record=Word)(find)


def test_no_word_of_sql_names_a_table() -> None:
    words = duckdb.sql("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved')").fetchall()
    assert [word for (word,) in words if why_no_table(word) is None] == []
