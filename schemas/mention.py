"""Mentions: the places where an article names a company, money, a chip, a model or compute capacity."""

from decimal import Decimal

from pydantic import Field

from schemas.record import Record


class CompanyMention(Record):
    """A company named in the text."""

    company_id: str = Field(description="Stable id made from the canonical name.")
    name: str = Field(description="Canonical name: the one it is best known by.")
    known: bool = Field(description="True: in the catalogue; False: discovered in the text.")
    confidence: float = Field(1.0, ge=0, le=1)


class MoneyMention(Record):
    """An amount of money. Exact: both bounds equal; `up to`: maximum only; `more than`: minimum only."""

    currency: str = Field(min_length=3, max_length=3, description="ISO 4217.")
    amount_min: Decimal | None = Field(None, description="Whole units of `currency`; None: no lower bound stated.")
    amount_max: Decimal | None = Field(None, description="Whole units of `currency`; None: no upper bound stated.")


class ChipMention(Record):
    """A chip, chip family or system named after one."""

    chip_id: str = Field(description="Stable id made from the canonical name.")
    name: str = Field(description="Canonical name with its vendor.")
    vendor: str | None = Field(None, description="Canonical company name.")
    family: str | None = Field(None, description="Family or generation, canonical name.")


class ModelMention(Record):
    """An AI model or model family."""

    model_id: str = Field(description="Stable id made from the canonical name.")
    name: str = Field(description="Canonical name with its family.")
    developer: str | None = Field(None, description="Canonical company name.")
    family: str | None = Field(None, description="Model family.")


class CapacityMention(Record):
    """Electric power in megawatts, or a count of chips, that measures compute."""

    mw_min: float | None = Field(None, gt=0, description="Megawatts; None: no lower bound stated, or a chip count.")
    mw_max: float | None = Field(None, gt=0, description="Megawatts; None: no upper bound stated, or a chip count.")
    units_min: int | None = Field(None, gt=0, description="Chips.")
    units_max: int | None = Field(None, gt=0, description="Chips.")
