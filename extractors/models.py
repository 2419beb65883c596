"""Models: AI models and model families, as articles write them ("Claude Sonnet 4.5", "Haiku 4.5")."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.reading import reading
from extractors.registry import extractor
from schemas.ids import slug
from schemas.mention import ModelMention

if TYPE_CHECKING:
    from spacy.tokens import Doc


@extractor("models", version="3", record=ModelMention, table="model_mentions", requires=("money", "capacity"))
def models(doc: "Doc") -> Iterator[ModelMention]:
    """The models named in the text, in reading order; a shortened name carries the family's full one."""
    for one in reading(doc).models:
        yield ModelMention(
            start=one.start, end=one.end, model_id=slug(one.name), name=one.name, developer=one.owner, family=one.family
        )
