"""Names and capacities by their patterns: unseen versions, short lists, bounds, and what only looks like them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors import run
from extractors.capacity import find_capacity
from schemas import CapacityMention, ChipMention, ModelMention
from tests.extractors.cases import Case, bounds, table

HERE = Path(__file__).parent
NAMES = list(table(HERE / "name_cases.txt"))
CAPACITIES = list(table(HERE / "capacity_cases.txt"))


def told(case: Case) -> list[tuple[str, str]]:
    return [(case.text[one.start : one.end], one.reading) for one in case.marked]


def names(text: str) -> list[tuple[str, str]]:
    """The chips and models by rules and catalogue alone."""
    (outcomes,) = run.extract([text], encoder=False)
    found: list[Any] = [record for one in outcomes for record in one.records]
    return [
        (text[one.start : one.end], f"{'CHIP' if isinstance(one, ChipMention) else 'MODEL'} {one.name}, {one.family}")
        for one in sorted(found, key=lambda one: one.start)
        if isinstance(one, ChipMention | ModelMention)
    ]


def capacities(text: str) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    return [(text[one.start : one.end], *_value(one)) for one in find_capacity(text)]


def _value(one: CapacityMention) -> tuple[str, Decimal | None, Decimal | None]:
    power = one.mw_min or one.mw_max
    low, high = (one.mw_min, one.mw_max) if power else (one.units_min, one.units_max)
    return "MW" if power else "UNITS", *(None if side is None else Decimal(str(side)) for side in (low, high))


def test_the_tables_are_large_enough() -> None:
    assert sum(len(case.marked) or 1 for case in NAMES) >= 60
    assert sum(len(case.marked) or 1 for case in CAPACITIES) >= 40


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.text[:50])
def test_chips_and_models_are_found_and_placed_in_their_family(case: Case) -> None:
    assert names(case.text) == told(case)


@pytest.mark.parametrize("case", CAPACITIES, ids=lambda case: case.text[:50])
def test_capacity_is_normalised_with_its_bounds(case: Case) -> None:
    expected = [
        (printed, unit, *bounds(value))
        for printed, (unit, value) in ((printed, reading.split()) for printed, reading in told(case))
    ]
    assert capacities(case.text) == expected
