"""Announced job cuts: which company lets how many people go, and what share of its staff they are."""

import re
from collections.abc import Iterator
from enum import Enum

from pydantic import Field
from spacy.tokens import Doc

from dealwire import Record, extractor
from dealwire_layoffs.companies import who
from dealwire_layoffs.cuts import Cut, cuts

__all__ = ["Bound", "Cut", "Layoff", "cuts", "layoffs"]

_STEMS = re.compile(
    r"job|lay-?off|l(?:ay|aid)\b.{0,40}\boff|redundan|workforce|headcount|staff|\broles?\b|\bposts?\b|position|employee"
    r"|worker|people|engineer|payroll|notice|pink slip|let(?:s|ting)? go|the door|agent|trainee|graduate|consultant"
    r"|contractor",
    re.IGNORECASE,
)


class Bound(Enum):
    """How `jobs` and `share` are meant."""

    EXACT = "exact"
    AT_MOST = "at most"
    AT_LEAST = "at least"


class Layoff(Record):
    """One announced cut of jobs."""

    company: str | None = Field(None, description="Who cuts, as printed; null if the article does not say.")
    company_id: str | None = Field(None, description="Its id in `companies`.")
    jobs: int | None = Field(None, gt=0, description="How many jobs go; null if only a share is stated.")
    share: float | None = Field(None, gt=0, le=100, description="Percent of the staff; null if none is stated.")
    bound: Bound = Field(Bound.EXACT, description="exact, at most or at least.")
    planned: bool = Field(False, description="True: considered, expected or proposed, not decided yet.")


def may_tell(text: str) -> bool:
    """Whether the article may tell of a cut: a test that costs next to nothing."""
    return _STEMS.search(text) is not None


@extractor("layoffs", version="1", record=Layoff, requires=("companies",), when=may_tell, label="LAYOFF")
def layoffs(doc: Doc) -> Iterator[Layoff]:
    """Every cut of jobs that the article tells of, once a sentence that tells it."""
    companies = [(one.start_char, one.end_char, one.text, one.kb_id_) for one in doc.spans["companies"]]
    for sentence in doc.sents:
        for cut in cuts(sentence.text):
            start, end = sentence.start_char + cut.start, sentence.start_char + cut.end
            company = who(doc.text, sentence.start_char, sentence.end_char, start, end, companies)
            yield Layoff(
                start=start,
                end=end,
                company=company[0] if company else None,
                company_id=company[1] or None if company else None,
                jobs=cut.jobs,
                share=cut.share,
                bound=Bound(cut.bound),
                planned=cut.planned,
            )
