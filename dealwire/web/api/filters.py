"""What lists can be asked for: the parameters of the API. An unknown one is refused, so that no filter is lost."""

from datetime import date
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from dealwire.warehouse import queries
from dealwire.warehouse.listing import Wanted
from schemas import DealKind, DealStatus


class Some(BaseModel):
    """One page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(20, ge=1, le=100, description="Most items on a page.")
    cursor: str | None = Field(None, max_length=1000, description="`next` of the page before.")

    def asked(self) -> dict[str, Any]:
        """The filters that are set, without the place in the list."""
        found = self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_defaults=True)
        return {name: value for name, value in found.items() if value is not None}


class Deals(Some):
    """Which deals, or alliances and flows of them."""

    company: str | None = Field(None, min_length=1, max_length=200, description="Name, alias or id of a company.")
    kind: DealKind | None = None
    status: DealStatus | None = None
    since: date | None = Field(None, description="First day to include.")
    until: date | None = Field(None, description="Last day to include.")
    min_usd: float | None = Field(
        None, ge=0, le=1e18, allow_inf_nan=False, description="Least sum in US dollars, as 1e9."
    )
    min_confidence: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    confirmed: bool = Field(False, description="Only what two sites or more tell of.")
    q: str | None = Field(None, max_length=200, description="Words in the names of its companies, or in one title.")

    def wanted(self, con: duckdb.DuckDBPyConnection) -> Wanted:
        """The same, with the company's canonical name. Raises `InvalidInput` if no article has named it."""
        return Wanted(
            company=queries.company_named(con, self.company) if self.company else None,
            kind=self.kind,
            status=self.status,
            since=self.since,
            until=self.until,
            min_usd=self.min_usd,
            min_confidence=self.min_confidence,
            confirmed=self.confirmed,
            text=self.q,
        )


class Companies(Some):
    """Which companies."""

    q: str | None = Field(None, max_length=200, description="Words in its name or in one of its aliases.")
    kind: str | None = Field(None, max_length=100, description="Kind, as the catalogue has it: lab, chips, cloud …")
    known: bool | None = Field(None, description="true: of the catalogue; false: discovered in articles.")


class Articles(Some):
    """Which articles."""

    company: str | None = Field(
        None, min_length=1, max_length=200, description="One that they name: name, alias or id."
    )
    label: str | None = Field(None, max_length=100, description="Something of it stands in them: COMPANY, CHIP …")
    site: str | None = Field(None, max_length=300, description="Host, without www.")
    since: date | None = Field(None, description="First day to include.")
    until: date | None = Field(None, description="Last day to include.")
    q: str | None = Field(None, max_length=200, description="Words in the title.")
    in_text: bool = Field(False, description="Look for them in the text, too, which takes longer.")


class Mentions(Some):
    """Which mentions."""

    article: str | None = Field(None, max_length=100, description="Id of an article.")
    label: str | None = Field(None, max_length=100, description="COMPANY, MONEY, CHIP, MODEL, CAPACITY or your own.")
    entity: str | None = Field(None, max_length=200, description="Canonical name or id of a company, chip or model.")
    since: date | None = Field(None, description="First day to include.")
    until: date | None = Field(None, description="Last day to include.")
