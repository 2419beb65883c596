"""The plan of an extraction is noted, so that whoever looks later counts the same extractors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwire import extraction
from dealwire.settings import Extractors, Settings
from dealwire.steps import warehouse
from dealwire.warehouse import load
from dealwire.warehouse.pending import pending
from extractors import discover
from tests.warehouse import samples

SOURCE = """
from dealwire import Record, extractor

class Dash(Record):
    place: {kind}

@extractor("dashes", version="1", record=Dash)
def dashes(doc):
    return []
"""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    file = tmp_path / "dashes.py"
    file.write_text(SOURCE.format(kind="str"), encoding="utf-8")
    found = Settings(database=tmp_path / "news.duckdb", extractors=Extractors(paths=(file,)))
    with warehouse(found).write() as con:
        load.store_articles(con, [samples.FIRST])
    yield found
    discover.load()


def waiting(settings: Settings) -> int:
    with warehouse(settings).read() as con:
        return pending(con, now=samples.NOW, attempts=3, again_hours=6).to_extract


def test_extractors_of_ones_own_are_waited_for_before_the_first_extraction(settings: Settings) -> None:
    assert waiting(settings) == 0
    assert "dashes" in [one.name for one in extraction.plan(settings).versions]
    assert waiting(settings) == 1


def test_one_that_is_refused_leaves_nothing_waiting(settings: Settings) -> None:
    extraction.extract(settings)
    assert waiting(settings) == 0
    settings.extractors.paths[0].write_text(SOURCE.format(kind="int"), encoding="utf-8")
    chosen = extraction.plan(settings)
    assert any("dashes" in line for line in chosen.warnings)
    assert waiting(settings) == 0


def test_a_plan_of_some_or_for_a_trial_is_not_noted(settings: Settings) -> None:
    extraction.plan(settings, ["dashes"])
    extraction.plan(settings, dry=True)
    assert waiting(settings) == 0
