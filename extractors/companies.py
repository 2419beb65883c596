"""Companies: those of the catalogue, and others that the text itself shows to be companies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.reading import reading
from extractors.registry import extractor
from extractors.resolve import company_id
from schemas.mention import CompanyMention

if TYPE_CHECKING:
    from spacy.tokens import Doc


@extractor("companies", version="3", record=CompanyMention, table="company_mentions", requires=("money", "capacity"))
def companies(doc: "Doc") -> Iterator[CompanyMention]:
    """The companies named in the text, in reading order; names inside a chip's or model's name are left out."""
    for one in reading(doc).companies:
        yield CompanyMention(
            start=one.start,
            end=one.end,
            company_id=company_id(one.name),
            name=one.name,
            known=one.known,
            confidence=round(one.confidence, 3),
        )
