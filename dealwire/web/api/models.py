"""What the API answers. Amounts are texts with the exact number: JSON's own numbers lose digits in most readers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from schemas import DealKind, DealStatus

T = TypeVar("T")


def _digits(amount: Decimal) -> str:
    """All digits and no more: `30000000000`, `1234.5`."""
    told = f"{amount:f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


Amount = Annotated[
    Decimal,
    PlainSerializer(_digits, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["30000000000", "1234.5"]}),
]


class Answer(BaseModel):
    """Made from a row; columns that it does not name are left out."""

    model_config = ConfigDict(extra="ignore", from_attributes=False)


class Problem(Answer):
    """Why there is no answer (RFC 9457)."""

    title: str = Field(description="The kind of problem.")
    status: int
    detail: str = Field(description="One line: what is wrong, and what to do about it.")


class Listed(Answer, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(None, description="`cursor` of the next page; null: this is the last one.")


class Terms(Answer):
    """What a claim or a deal says."""

    kind: DealKind
    status: DealStatus
    payers: list[str] = Field([], description="Who gives the money; empty for kinds without a direction.")
    payees: list[str] = Field([], description="Who receives it.")
    parties: list[str] = Field([], description="The sides of a joint venture or partnership.")
    currency: str | None = Field(None, description="ISO 4217; null if no amount is stated.")
    amount_min: Amount | None = Field(None, description="Whole units of `currency`; null: no lower bound (`up to`).")
    amount_max: Amount | None = Field(None, description="Whole units of `currency`; null: no upper bound.")
    capacity_mw_min: float | None = Field(None, description="Megawatts.")
    capacity_mw_max: float | None = Field(None, description="Megawatts.")
    years: float | None = Field(None, description="For how long it runs, as stated.")
    stake_percent: float | None = Field(None, description="Share of the company that is bought, as stated.")
    valuation: Amount | None = Field(None, description="Of the company, in whole units of `valuation_currency`.")
    valuation_currency: str | None = None


class Leg(Terms):
    """A deal of an alliance."""

    deal_id: str
    text: str = Field(description="As a line: `Anthropic → Microsoft: purchase $30B`.")
    announced_on: date = Field(description="Day of the first claim, UTC.")
    usd_min: Amount | None = Field(None, description="US dollars at the rate of that day.")
    usd_max: Amount | None = None
    amounts_disagree: bool | None = Field(None, description="True: its sources state different amounts.")
    sources: int | None = Field(None, description="Sites that tell of it.")
    articles: int | None = Field(None, description="Articles that tell of it.")
    confidence: float | None = Field(None, description="0 to 1.")


class Deal(Leg):
    """A deal, with the sentence that tells it best."""

    alliance_id: str
    first_source: str | None = Field(None, description="The site that told it first.")
    sites: list[str] | None = None
    best_source: str | None = Field(None, description="Site of the article with the evidence.")
    best_url: str | None = None
    best_title: str | None = None
    best_article_id: str | None = None
    quoted: str | None = Field(None, description="The amount as that article prints it.")
    evidence: str | None = Field(None, description="The sentence of that article that states the deal.")


class Claim(Terms):
    """What one article says of a deal."""

    claim_id: str
    best: bool | None = Field(None, description="True: the one that is shown first.")
    article_id: str
    site: str
    title: str | None = None
    url: str
    published_at: datetime | None = None
    evidence: str | None = Field(None, description="The sentence that states it.")
    start_char: int = Field(description="First code point of that sentence in the article's text.")
    end_char: int = Field(description="One past its last code point.")
    quoted: str | None = Field(None, description="The amount as printed.")
    confidence: float | None = None
    extractor: str
    version: str


class ToldClaim(Claim):
    """A claim of an article, with the deal that rests on it."""

    deal_id: str | None = Field(None, description="The deal; null: none, because it is rejected, or not linked yet.")
    rejected: bool = Field(description="True: somebody has reported it as wrong, so that nothing rests on it.")


class Change(Answer):
    """A status of a deal, and the day it was first told."""

    status: DealStatus
    since: date
    claim_id: str


class WholeDeal(Deal):
    """A deal with all that it rests on."""

    history: list[Change]
    claims: list[Claim]


class Alliance(Answer):
    """What one announcement ties together."""

    alliance_id: str
    title: str
    announced_on: date = Field(description="Day of the first claim, UTC.")
    parties: list[str]
    legs: list[Leg] = Field(description="Its deals; money first, largest first.")
    kinds: list[str]
    chips: list[str] = Field(description="Chips named in the sentences that state the deals.")
    models: list[str] = Field(description="AI models named there.")
    usd_max: Amount | None = Field(None, description="Sum of the legs' upper, else lower bounds, in US dollars.")
    usd_invested: Amount | None = None
    usd_purchased: Amount | None = None
    usd_acquired: Amount | None = None
    usd_lent: Amount | None = None
    sources: int = Field(description="Sites that tell of it.")
    sites: list[str]
    first_seen_at: datetime | None = None
    confidence: float | None = Field(None, description="That of its surest deal.")


class Related(Answer):
    """An earlier alliance of two or more of the same companies."""

    related_id: str
    related_title: str
    related_on: date
    shared: list[str]


class WholeAlliance(Alliance):
    """An alliance with every claim of every leg."""

    legs: list[WholeDeal]  # type: ignore[assignment]
    related: list[Related]


class Flow(Answer):
    """Money from one company to another, by one deal."""

    payer: str
    payee: str
    kind: DealKind
    flow: str = Field(description="MONEY, COMPUTE_HARDWARE or SERVICE: what is bought.")
    status: DealStatus
    currency: str | None = None
    amount_min: Amount | None = Field(None, description="Of this payer to this payee; null: not stated or not known.")
    amount_max: Amount | None = None
    usd_min: Amount | None = None
    usd_max: Amount | None = None
    round_amount_min: Amount | None = Field(None, description="Of the whole round; never add it up over rows.")
    round_amount_max: Amount | None = None
    capacity_mw: float | None = None
    announced_on: date
    sources: int | None = None
    confidence: float | None = None
    deal_id: str
    alliance_id: str


class Company(Answer):
    """A company that articles name."""

    company_id: str
    name: str = Field(description="The name it is best known by.")
    kind: str | None = None
    country: str | None = None
    ticker: str | None = None
    parent: str | None = None
    wikidata: str | None = None
    aliases: list[str]
    known: bool = Field(description="True: in the catalogue; false: discovered in an article.")
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    mentions: int
    articles: int
    deals: int


class Partner(Answer):
    """A company with a deal in common."""

    name: str
    deals: int


class WholeCompany(Company):
    """A company with sums and partners."""

    paid_usd: Amount | None = Field(
        None, description="Known sums that it pays, ended deals and shared rounds left out."
    )
    received_usd: Amount | None = None
    partners: list[Partner]


class Article(Answer):
    """An article, without its text."""

    article_id: str
    url: str
    site: str
    feed_id: str | None = None
    title: str | None = None
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    first_seen_at: datetime
    read_status: str
    withheld: str | None = Field(None, description="What the page showed in place of the story, as a paywall.")
    revision: int | None = None
    companies: list[str] = Field(description="Companies it names, most often first.")
    claims: int = Field(description="Number of its claims.")


class Mention(Answer):
    """A place in an article."""

    record_id: str
    article_id: str
    label: str
    start_char: int = Field(description="First code point in the article's text, counted from 0.")
    end_char: int = Field(description="One past the last one.")
    text: str | None = Field(None, description="As printed.")
    entity: str | None = Field(None, description="Canonical name of the company, chip or model.")
    entity_id: str | None = None
    currency: str | None = None
    amount_min: Amount | None = None
    amount_max: Amount | None = None
    mw_min: float | None = None
    mw_max: float | None = None
    units_min: int | None = None
    units_max: int | None = None
    published_at: datetime | None = None
    site: str | None = None
    extractor: str | None = None
    version: str | None = None


class WholeArticle(Article):
    """An article with its text, what it names, and what it claims."""

    text: str | None = Field(None, description="Title, a blank line, then the body.")
    told: list[ToldClaim] = Field(description="Its claims, in reading order.")
    mentions: list[Mention] = Field(description="What it names, in reading order.")


class Column(Answer):
    """A column of an answer to a question in SQL."""

    name: str
    type: str


class Result(Answer):
    """The answer to a question in SQL."""

    columns: list[Column]
    rows: list[list[Any]]
    more: bool = Field(description="True: there are more rows than were wanted or allowed.")
    seconds: float
