"""Cuts are read as news tells them. Passages, and what they tell, stand in two files beside this one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dealwire_layoffs import Layoff
from dealwire_layoffs.cuts import cuts

from dealwire import find

HERE = Path(__file__).parent
LEAST_UNSEEN = 16
"""Passages of unseen.txt that are read without a fault; it may only rise."""
Told = tuple[str | None, int | None, float | None, str, bool]


def cases(name: str) -> Iterator[tuple[str, list[Told]]]:
    """The passages of a file, each with what it tells."""
    for block in (HERE / name).read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = block.strip().splitlines()
        text = " ".join(line for line in lines if not line.startswith(">"))
        yield text, [told(line[1:]) for line in lines if line.startswith(">")]


def told(line: str) -> Told:
    company, jobs, share, bound, planned = (field.strip() for field in line.split("|"))
    return company or None, int(jobs) if jobs else None, float(share) if share else None, bound, planned == "planned"


def found(text: str) -> list[Told]:
    records = [one for one in find("layoffs", text) if isinstance(one, Layoff)]
    assert all(0 <= one.start < one.end <= len(text) for one in records)
    return [(one.company, one.jobs, one.share, one.bound.value, one.planned) for one in records]


@pytest.mark.parametrize(("text", "expected"), cases("passages.txt"))
def test_a_passage_is_read_as_it_is_meant(text: str, expected: list[Told]) -> None:
    assert found(text) == expected


def test_passages_that_no_rule_was_written_for_are_read_mostly() -> None:
    right = [found(text) == expected for text, expected in cases("unseen.txt")]
    assert sum(right) >= LEAST_UNSEEN


def test_the_evidence_is_the_words_that_tell_it() -> None:
    (record,) = find("layoffs", "Sales fell. Cisco will cut up to 1,200 jobs, or 2% of its staff, in May.")
    assert (record.start, record.end) == (23, 63)


def test_the_company_has_its_id() -> None:
    (record,) = find("layoffs", "Intel is laying off 300 people.")
    assert isinstance(record, Layoff)
    assert record.company_id == "intel"


@pytest.mark.parametrize(
    ("sentence", "jobs", "share"),
    [
        ("It cut twelve thousand jobs.", 12_000, None),
        ("It cut 1.5 thousand jobs.", 1_500, None),
        ("It cut 12k jobs.", 12_000, None),
        ("It cut a dozen jobs.", 12, None),
        ("It cut two hundred and fifty jobs.", 250, None),
        ("It cut tens of thousands of jobs.", 10_000, None),
        ("It cut two thirds of its staff.", None, 66.6),
        ("It cut one in 20 jobs.", None, 5),
        ("It cut 7.5 percent of staff.", None, 7.5),
        ("It cut three-quarters of its workforce.", None, 75),
        ("It cut costs by 20% and prices by a tenth.", None, None),
        ("It cut 300 of its 12,000 employees.", 300, None),
        ("It cut $300 million.", None, None),
    ],
)
def test_numbers_are_read_as_printed(sentence: str, jobs: int | None, share: float | None) -> None:
    assert [(one.jobs, one.share) for one in cuts(sentence)] == ([(jobs, share)] if jobs or share else [])
