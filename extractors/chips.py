"""Chips: accelerators, processors and systems named after one, as articles write them ("Nvidia GB200 NVL72")."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.reading import reading
from extractors.registry import extractor
from schemas.ids import slug
from schemas.mention import ChipMention

if TYPE_CHECKING:
    from spacy.tokens import Doc


@extractor("chips", version="3", record=ChipMention, table="chip_mentions", requires=("money", "capacity"))
def chips(doc: "Doc") -> Iterator[ChipMention]:
    """The chips named in the text, in reading order; a vendor's name directly before belongs to the mention."""
    for one in reading(doc).chips:
        yield ChipMention(
            start=one.start, end=one.end, chip_id=slug(one.name), name=one.name, vendor=one.owner, family=one.family
        )
