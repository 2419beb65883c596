"""The extractor reads cuts as news tells them; passages and what they tell stand in two files beside this one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dealwire_layoffs import Layoff, layoffs
from dealwire_layoffs.cuts import cuts

from extractors import registry, run

HERE = Path(__file__).parent
Told = tuple[str | None, int | None, float | None, str, bool]


def cases(name: str) -> Iterator[tuple[str, list[Told]]]:
    blocks = (HERE / name).read_text(encoding="utf-8").split("\n\n")[1:]
    for block in blocks:
        lines = block.strip().splitlines()
        expected = [line[1:].split("|") for line in lines if line.startswith(">")]
        text = " ".join(line for line in lines if not line.startswith(">"))
        yield text, [_told([one.strip() for one in fields]) for fields in expected]


def _told(fields: list[str]) -> Told:
    company, jobs, share, bound, planned = fields
    return company or None, int(jobs) if jobs else None, float(share) if share else None, bound, planned == "planned"


def found(text: str) -> list[Told]:
    using = [registry.get("layoffs")]
    ((outcome,),) = run.extract([text], using=using, encoder=False)
    assert outcome.error is None, outcome.error
    return [
        (one.company, one.jobs, round(one.share, 1) if one.share else None, one.bound.value, one.planned)
        for one in outcome.records
        if isinstance(one, Layoff)
    ]


@pytest.mark.parametrize(("text", "expected"), cases("passages.txt"), ids=lambda one: str(one)[:40])
def test_a_passage_is_read_as_it_is_meant(text: str, expected: list[Told]) -> None:
    assert found(text) == expected
