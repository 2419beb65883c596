"""What a step did, in counts."""

from datetime import date, datetime

from pydantic import Field

from schemas.base import Frozen
from schemas.feed import PollStatus


class PollReport(Frozen):
    """What one round of polling gave."""

    feeds: int = 0
    unchanged: int = 0
    failed: int = 0
    entries: int = 0
    new_articles: int = 0
    errors: tuple[str, ...] = Field((), description="One line a failing feed.")


class PollTold(Frozen):
    """One poll as `dealwire feeds poll` prints it."""

    url: str
    status: PollStatus
    http_status: int | None = None
    entries: int = Field(0, description="Stored for this feed in all.")
    new: int = 0
    bytes: int = 0
    seconds: float = 0.0
    error: str | None = None
    note: str | None = None


class ReadReport(Frozen):
    """What reading the linked pages gave."""

    articles: int = 0
    from_page: int = 0
    from_feed: int = 0
    revised: int = Field(0, description="Articles whose text has changed since they were read before.")
    withheld: int = Field(0, description="Pages that showed something else than their story.")
    failed: int = 0
    errors: tuple[str, ...] = ()


class BackfillReport(Frozen):
    """What filling in from one source gave."""

    articles: int = Field(0, description="Not stored before.")
    revised: int = Field(0, description="Stored before with an earlier text.")
    known: int = Field(0, description="Stored before, and left as they were.")
    skipped: int = Field(0, description="Items that hold no article.")
    errors: tuple[str, ...] = Field((), description="The first of them, one line each.")


class RatesReport(Frozen):
    """What storing exchange rates gave."""

    rates: int
    currencies: int
    first_day: date
    last_day: date


class ExtractReport(Frozen):
    """What extracting gave."""

    articles: int = 0
    records: dict[str, int] = Field(default_factory=dict, description="Records by extractor.")
    failed: int = 0
    errors: tuple[str, ...] = ()
    later: int = Field(0, description="Put off for a later pass, such as when a budget is used up.")
    note: str | None = Field(None, description="What it was done without, and what was put off why.")
    warnings: tuple[str, ...] = Field((), description="Extractors that were left out, and what they have left.")
    switched_off: tuple[str, ...] = Field((), description="Extractors that failed too often in a row to go on.")
    renamed: bool = Field(False, description="True: the alias file has changed the names in stored records.")


class LinkReport(Frozen):
    """What linking gave; totals over the whole warehouse, and how many are new."""

    claims: int = 0
    deals: int = 0
    alliances: int = 0
    new_deals: int = 0
    new_alliances: int = 0


class MaintainReport(Frozen):
    """What upkeep gave."""

    pages_dropped: int = 0
    events_dropped: int = 0
    polls_dropped: int = 0
    rates: int = Field(0, description="Exchange rates that were stored.")
    leases: int = Field(0, description="WebSub subscriptions that were asked for or renewed.")
    bytes_before: int = 0
    bytes_after: int = 0
    errors: tuple[str, ...] = ()


class SendReport(Frozen):
    """What sending the events of the outbox gave."""

    sent: int = Field(0, description="Handed over to the server.")
    arrived: int = Field(0, description="Handed over before, and known to be stored there now.")
    waiting: int = Field(0, description="Not known to be stored there yet.")
    error: str | None = None


class PublishReport(Frozen):
    """What putting a copy in place gave."""

    place: str
    form: str = Field(description="`duckdb` or `parquet`.")
    changed: bool = Field(True, description="False: the copy that is there holds the same rows, so it was left.")
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    error: str | None = Field(None, description="Why there is no new copy; the one before it stays.")


class NotifyReport(Frozen):
    """What one round of telling the subscribers gave."""

    subscribers: int = 0
    queued: int = Field(0, description="Deliveries that became due for the first time.")
    sent: int = 0
    repaired: int = Field(0, description="Sent by a process that was stopped before it could say so in the warehouse.")
    failed: int = Field(0, description="Tries that failed; they are made again.")
    dead: int = Field(0, description="Given up in this round; `dealwire notify retry` tries them again.")
    waiting: int = Field(0, description="Still to be delivered.")
    next_at: datetime | None = Field(None, description="When the next of these is due.")
    errors: tuple[str, ...] = ()


class RunReport(Frozen):
    """One pass of the pipeline."""

    poll: PollReport = PollReport()
    read: ReadReport = ReadReport()
    extract: ExtractReport = ExtractReport()
    link: LinkReport = LinkReport()
    notify: NotifyReport = NotifyReport()
    publish: PublishReport | None = None
    seconds: float = 0.0
    under: str = Field("inline", description="`prefect` or `inline`.")
