"""`Record`: what an extractor finds at one place of an article. A record class is a table."""

from typing import Any, Protocol, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Frozen


class _Span(Protocol):
    """A spaCy span, or anything that knows its characters."""

    @property
    def start_char(self) -> int: ...
    @property
    def end_char(self) -> int: ...


class Record(Frozen):
    """Base of everything extracted. Offsets are code points into the article's text, end exclusive."""

    # A field of a type that has no column is refused when the extractor is registered, with what to use instead.
    model_config = ConfigDict(arbitrary_types_allowed=True)

    start: int = Field(ge=0, description="First code point of the evidence.")
    end: int = Field(gt=0, description="One past the last code point of the evidence.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the evidence is empty: start {self.start}, end {self.end}")
        return self

    @classmethod
    def at(cls, span: _Span, **fields: Any) -> Self:
        """A record whose evidence is `span`."""
        return cls(start=span.start_char, end=span.end_char, **fields)
