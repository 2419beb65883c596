"""Money is read as our table of cases says: the span, the currency and both bounds."""

from decimal import Decimal
from pathlib import Path

import pytest

from extractors.money import find_money
from schemas import MoneyMention
from tests.extractors.cases import Case, bounds, table

CASES = list(table(Path(__file__).with_name("money_cases.txt")))
FLOOR = 0.95


def told(case: Case) -> list[str]:
    return [_row(case.text[one.start : one.end], one.start, one.reading) for one in case.marked]


def read(case: Case) -> list[str]:
    return [_row(case.text[one.start : one.end], one.start, _reading(one)) for one in find_money(case.text)]


def _row(printed: str, start: int, reading: str) -> str:
    currency, value = reading.split()
    low, high = (None if one is None else f"{float(one):.4g}" for one in bounds(value))
    return f"{start} {printed!r} {currency} {low}..{high}"


def _reading(one: MoneyMention) -> str:
    low, high = ("" if side is None else f"{side:f}" for side in (one.amount_min, one.amount_max))
    return f"{one.currency} {low}..{high}"


def test_the_table_covers_what_news_writes() -> None:
    assert len(CASES) >= 320
    assert sum(not case.marked for case in CASES) >= 40
    assert sum(len(case.marked) > 1 for case in CASES) >= 30
    assert len({case.text for case in CASES}) == len(CASES)


def test_amounts_of_the_table_are_read_as_it_says() -> None:
    expected, found, right = 0, 0, 0
    wrong: list[str] = []
    for case in CASES:
        should, does = told(case), read(case)
        expected, found, right = expected + len(should), found + len(does), right + len(set(should) & set(does))
        if should != does:
            wrong.append(f"{case.text!r}\n    told {should}\n    read {does}")
    f1 = 2 * right / (expected + found)
    assert f1 >= FLOOR, f"F1 {f1:.3f}\n" + "\n".join(wrong)


@pytest.mark.parametrize("case", [case for case in CASES if not case.marked], ids=lambda case: case.text[:40])
def test_other_numbers_are_no_money(case: Case) -> None:
    assert read(case) == []


def test_bounds_of_one_amount_are_in_order() -> None:
    for case in CASES:
        for one in find_money(case.text):
            low, high = one.amount_min, one.amount_max
            assert (low is not None) or (high is not None)
            assert low is None or high is None or Decimal(0) <= low <= high
