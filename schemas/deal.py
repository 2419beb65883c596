"""Deals: what one article claims, the deal that the claims of many articles make, and alliances of deals."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from schemas.base import Frozen
from schemas.record import Record


class DealKind(StrEnum):
    """Who gives what to whom."""

    INVESTMENT = "investment"
    ACQUISITION = "acquisition"
    PURCHASE = "purchase"
    FINANCING = "financing"
    LICENSING = "licensing"
    JOINT_VENTURE = "joint_venture"
    PARTNERSHIP = "partnership"

    @property
    def directed(self) -> bool:
        """False for kinds whose sides are equal: they have `parties` instead of payers and payees."""
        return self not in (DealKind.JOINT_VENTURE, DealKind.PARTNERSHIP)


class DealStatus(StrEnum):
    """How sure the deal is."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    ENDED = "ended"


class DealTerms(Frozen):
    """The fields that claims and deals share. Names are canonical company names, in reading order."""

    kind: DealKind
    status: DealStatus = DealStatus.ANNOUNCED
    payers: tuple[str, ...] = ()
    payees: tuple[str, ...] = ()
    parties: tuple[str, ...] = Field((), description="The sides of an undirected kind.")
    currency: str | None = Field(None, description="ISO 4217; None if no amount is stated.")
    amount_min: Decimal | None = Field(None, description="Whole units of `currency`.")
    amount_max: Decimal | None = Field(None, description="Whole units of `currency`.")
    capacity_mw_min: float | None = Field(None, gt=0, description="Megawatts.")
    capacity_mw_max: float | None = Field(None, gt=0, description="Megawatts.")
    years: float | None = Field(None, gt=0, description="For how long it runs.")
    stake_percent: float | None = Field(None, gt=0, le=100, description="Share of the company that is bought.")
    valuation: Decimal | None = Field(None, description="Of the company, in whole units of `valuation_currency`.")
    valuation_currency: str | None = Field(None, description="ISO 4217.")


class DealClaim(Record, DealTerms):
    """One commitment between named companies as one article states it; start and end span the evidence sentence."""

    quoted: str | None = Field(None, description='The amount as printed: "up to $1.2bn".')
    confidence: float = Field(0.5, ge=0, le=1)


class StoredClaim(DealTerms):
    """A claim with the article it stands in: what linking works on."""

    claim_id: str
    article_id: str
    extractor: str = "deals"
    confidence: float
    start: int
    end: int
    title: str
    site: str
    url: str
    published_at: datetime = Field(description="UTC; when first seen, if no date is printed or it lies in the future.")
    text_hash: str | None = None


class Deal(DealTerms):
    """One commitment, however many articles tell of it."""

    deal_id: str
    announced_on: date = Field(description="Day of the first claim.")
    usd_min: Decimal | None = Field(None, description="US dollars at the rate of `announced_on`.")
    usd_max: Decimal | None = None
    amounts_disagree: bool = Field(False, description="True: sources state different amounts; see `deal_sources`.")
    sources: int = Field(ge=1, description="Distinct sites.")
    articles: int = Field(ge=1)
    confidence: float = Field(ge=0, le=1)
    alliance_id: str


class DealSource(Frozen):
    """One claim that a deal rests on. `best` marks the one to show."""

    deal_id: str
    claim_id: str
    article_id: str
    best: bool = False


class DealChange(Frozen):
    """A status the deal was first told to have, and since when."""

    deal_id: str
    status: DealStatus
    since: date
    claim_id: str


class Alliance(Frozen):
    """What one announcement ties together: the deals made at once among its parties."""

    alliance_id: str
    title: str
    parties: tuple[str, ...]
    announced_on: date
    deals: int = Field(ge=1)
    sources: int = Field(ge=1)
    usd_max: Decimal | None = Field(None, description="Sum of the legs' upper (else lower) bounds in US dollars.")


class Links(Frozen):
    """Everything linking makes from the claims."""

    deals: tuple[Deal, ...]
    sources: tuple[DealSource, ...]
    history: tuple[DealChange, ...]
    alliances: tuple[Alliance, ...]
