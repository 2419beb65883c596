"""Events: what dealwire tells others, in documented records that carry a version.

An event is made in the transaction that stores the rows it tells of, waits in the table `outbox`, and is sent after the
commit: to Prefect as an event, to subscribers as JSON. In JSON amounts are numbers, times and days ISO 8601. A version
may gain fields; a field that is renamed or changes its meaning makes a new version.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainSerializer

from schemas.base import Frozen
from schemas.deal import DealKind, DealStatus

Amount = Annotated[
    Decimal,
    PlainSerializer(lambda value: int(value) if value == int(value) else float(value), when_used="json"),
]
Role = Literal["payer", "payee", "party"]
Change = Literal["deals", "parties", "amounts", "status"]
Labels = dict[str, str]
"""Labels of a resource as Prefect has them; `prefect.resource.id` is among them."""
ARTICLES_NAMED = 50
"""So many articles of one event are named at most; `count` counts all."""
FAILING_AFTER = 3
"""Failed polls in a row that make a feed failing; one that is gone for good is at once."""


class Event(Frozen):
    """What all events have in common."""

    name: ClassVar[str]
    version: Literal[1] = Field(1, description="Of the payload.")

    def subject(self) -> str:
        """The id of what it tells of, as `deal.0f3a…`; with `dealwire.` before it the id of its Prefect resource."""
        raise NotImplementedError

    def labels(self) -> Labels:
        """What the resource can be matched by, beside its id."""
        return {}

    def related(self) -> list[Labels]:
        """The resources it has to do with, each with its id and role."""
        return []


class ArticleTold(Frozen):
    """An article as events name it."""

    article_id: str
    url: str
    site: str
    title: str
    published_at: datetime | None = None
    first_seen_at: datetime


class CompanyTold(Frozen):
    """A company with what it is in a deal."""

    company_id: str = Field(description="As in `companies`: `nvidia`.")
    name: str
    role: Role


class ArticlesStored(Event):
    """New or changed texts were stored; they wait for the extractors. One a transaction."""

    name: ClassVar[str] = "dealwire.articles.stored"
    count: int = Field(ge=1)
    articles: tuple[ArticleTold, ...] = Field(description=f"The first {ARTICLES_NAMED} of them.")

    def subject(self) -> str:
        """All of the warehouse."""
        return "warehouse"

    def related(self) -> list[Labels]:
        """The articles."""
        return [_resource(f"article.{one.article_id}", "article") for one in self.articles]


class ClaimsStored(Event):
    """Articles were extracted; their claims wait to be linked. One a transaction. No claim may be news, too."""

    name: ClassVar[str] = "dealwire.claims.stored"
    articles: int = Field(ge=1)
    claims: int = Field(ge=0)
    failed: int = Field(0, ge=0, description="Extractions that failed.")

    def subject(self) -> str:
        """All of the warehouse."""
        return "warehouse"


class DealTold(Frozen):
    """A deal as it is known when the event is made, with the sentence that tells it best."""

    deal_id: str
    alliance_id: str
    kind: DealKind
    status: DealStatus
    payers: tuple[str, ...] = ()
    payees: tuple[str, ...] = ()
    parties: tuple[str, ...] = Field((), description="The sides of an undirected kind.")
    companies: tuple[CompanyTold, ...] = Field(description="All of them, with their ids and roles.")
    currency: str | None = Field(None, description="ISO 4217; null if no amount is stated.")
    amount_min: Amount | None = Field(None, description="Whole units of `currency`; null: no lower bound.")
    amount_max: Amount | None = Field(None, description="Whole units of `currency`; null: no upper bound.")
    usd_min: Amount | None = Field(None, description="`amount_min` in US dollars at the rate of `announced_on`.")
    usd_max: Amount | None = Field(None, description="`amount_max` in US dollars at the rate of `announced_on`.")
    capacity_mw_min: float | None = None
    capacity_mw_max: float | None = None
    years: float | None = None
    stake_percent: float | None = None
    valuation: Amount | None = None
    valuation_currency: str | None = None
    announced_on: date = Field(description="Day of the first claim, UTC.")
    sources: int = Field(ge=1, description="Distinct sites that tell of it.")
    articles: int = Field(ge=1)
    confidence: float = Field(ge=0, le=1)
    evidence: str | None = Field(None, description="The sentence that tells it best.")
    article_id: str | None = Field(None, description="Where that stands.")
    url: str | None = Field(None, description="The address of that article.")
    site: str | None = None
    title: str | None = Field(None, description="Of that article.")


class DealFound(DealTold, Event):
    """A deal that was not known before. One a deal, however many articles tell of it."""

    name: ClassVar[str] = "dealwire.deal.found"

    def subject(self) -> str:
        """The deal."""
        return f"deal.{self.deal_id}"

    def labels(self) -> Labels:
        """Kind and status."""
        return {"dealwire.kind": self.kind.value, "dealwire.status": self.status.value}

    def related(self) -> list[Labels]:
        """Its companies by role, its alliance, and the article with the evidence."""
        article = [_resource(f"article.{self.article_id}", "evidence")] if self.article_id else []
        alliance = _resource(f"alliance.{self.alliance_id}", "alliance")
        return [*_companies(self.companies), alliance, *article]


class AllianceAnnounced(Event):
    """An alliance that was not known before: what one announcement ties together. One an alliance."""

    name: ClassVar[str] = "dealwire.alliance.announced"
    alliance_id: str
    title: str = Field(description="Made from the facts: `$30B purchase, up to $15B invested: Anthropic, …`.")
    parties: tuple[str, ...] = Field(description="Canonical names, those in most deals first.")
    announced_on: date
    sources: int = Field(ge=1, description="Distinct sites that tell of it.")
    usd_max: Amount | None = Field(None, description="Sum of the deals' upper (else lower) bounds in US dollars.")
    confidence: float = Field(ge=0, le=1, description="Of its surest deal.")
    deals: tuple[DealTold, ...] = Field(min_length=1, description="Largest first.")

    def subject(self) -> str:
        """The alliance."""
        return f"alliance.{self.alliance_id}"

    def labels(self) -> Labels:
        """The largest deal's kind and status."""
        return {"dealwire.kind": self.deals[0].kind.value, "dealwire.status": self.deals[0].status.value}

    def related(self) -> list[Labels]:
        """Its companies by role, each pair once, and its deals."""
        companies = dict.fromkeys(company for deal in self.deals for company in deal.companies)
        return [*_companies(companies), *(_resource(f"deal.{one.deal_id}", "deal") for one in self.deals)]


class AllianceUpdated(AllianceAnnounced):
    """An alliance is other than it was told before: further deals or parties, other amounts, another status.

    A further source alone is no update.
    """

    name: ClassVar[str] = "dealwire.alliance.updated"
    changed: tuple[Change, ...] = Field(description="What is other than before.")
    previous_id: str | None = Field(None, description="The id under which it was told before; null: the same.")


class _FeedEvent(Event):
    feed_id: str
    url: str
    title: str | None = None

    def subject(self) -> str:
        """The feed."""
        return f"feed.{self.feed_id}"


class FeedFailing(_FeedEvent):
    """A feed has failed several times in a row, or is gone for good. One a time of failing."""

    name: ClassVar[str] = "dealwire.feed.failing"
    failures: int = Field(ge=0, description="Failed polls in a row.")
    since: datetime | None = Field(None, description="First failed poll since the last good one.")
    gone: bool = Field(False, description="True: its publisher has taken it away (410); it is not polled any more.")
    error: str | None = None


class FeedRecovered(_FeedEvent):
    """A feed that was told to be failing has answered well."""

    name: ClassVar[str] = "dealwire.feed.recovered"
    failures: int = Field(ge=0, description="Failed polls in a row before this good one.")
    since: datetime | None = Field(None, description="When it began to fail.")


class ExtractorFailing(Event):
    """An extractor's present version has failed on its first article, its tenth, its hundredth, and so on."""

    name: ClassVar[str] = "dealwire.extractor.failing"
    extractor: str
    extractor_version: str
    articles: int = Field(ge=1, description="On how many articles in all.")
    article_ids: tuple[str, ...] = Field(description="Some of them.")
    error: str

    def subject(self) -> str:
        """The extractor."""
        return f"extractor.{self.extractor}"


EVENTS: dict[str, type[Event]] = {
    one.name: one
    for one in (
        ArticlesStored,
        ClaimsStored,
        DealFound,
        AllianceAnnounced,
        AllianceUpdated,
        FeedFailing,
        FeedRecovered,
        ExtractorFailing,
    )
}
"""By name."""


class Outgoing(Frozen):
    """An event in the outbox. `position` is its place in the order in which events were made."""

    position: int = Field(ge=1)
    event_id: str = Field(description="A UUID, made once: who receives it twice can tell.")
    made_at: datetime
    attempts: int = Field(0, ge=0)
    tried_at: datetime | None = None
    event: Event

    def payload(self) -> dict[str, object]:
        """The event as JSON knows it, `version` first."""
        return self.event.model_dump(mode="json")


def _companies(companies: "tuple[CompanyTold, ...] | dict[CompanyTold, None]") -> list[Labels]:
    return [_resource(f"company.{one.company_id}", one.role) | {"prefect.resource.name": one.name} for one in companies]


def _resource(name: str, role: str) -> Labels:
    return {"prefect.resource.id": f"dealwire.{name}", "prefect.resource.role": role}
