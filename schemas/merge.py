"""Corrections of company names."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.base import Frozen


class CompanyMerge(Frozen):
    """One company whose name stands for another company, as a user has said."""

    company_id: str = Field(description="Id that the name would have by itself.")
    name: str
    into_id: str = Field(description="Id of the company it stands for; that may itself be merged into another.")
    into_name: str
    known: bool = Field(description="True: the company it stands for is in the catalogue.")
    source: Literal["merge", "aliases"] = Field(description="Said by `dealwire companies merge`, or in the alias file.")
    merged_at: datetime
