"""A component of spaCy's that works on the documents beside dealwire's own extractors."""

from typing import Any, Literal

from pydantic import Field

from schemas.base import Frozen


class Component(Frozen):
    """One component, by the name that `nlp.add_pipe` takes."""

    factory: str = Field(min_length=1, description="Name of its factory, or with `source` its name there.")
    name: str = Field("", description="Its name in our pipeline; empty: the factory's.")
    place: Literal["before", "after"] = Field("before", description="Before or after the built-in extractors.")
    source: str = Field("", description="An installed pipeline, or its folder, that it is taken from.")
    config: dict[str, Any] = Field({}, description="What its factory is given.")

    @property
    def called(self) -> str:
        """Its name in our pipeline."""
        return self.name or self.factory
