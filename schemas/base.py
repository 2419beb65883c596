"""What every record of dealwire has in common: frozen, closed to unknown fields."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that does not change once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
