"""The error family: one root, names that say what happened, messages that say what follows.

`Retryable` errors may succeed when tried again; the others will not. Each hands its facts to
`Exception.__init__`, so that it survives pickling between processes.
"""

from datetime import datetime


class DealwireError(Exception):
    """Anything dealwire refuses or fails at; its text is fit to be shown to a user."""


class Retryable(DealwireError):
    """A later try of the same thing may succeed."""


class InvalidInput(DealwireError):
    """What the user gave cannot be used; the message says what to give instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class SettingsInvalid(DealwireError):
    """A settings file or variable cannot be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source, self.reason = source, reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class FeedUnreachable(Retryable):
    """The publisher did not answer; a later try may succeed."""

    def __init__(self, url: str, reason: str, status: int | None = None, lasting: bool = False) -> None:
        super().__init__(url, reason, status, lasting)
        self.url, self.reason, self.status = url, reason, status
        self.lasting = lasting
        """True: it is set up wrongly and will be so tomorrow, unless somebody mends it."""

    def __str__(self) -> str:
        return f"{self.url} did not answer ({self.reason}); it stays due"


class HostPaused(FeedUnreachable):
    """The host asked to be left alone for a while, so it was not visited."""

    def __init__(self, url: str, until: datetime) -> None:
        super().__init__(url, f"its host asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.args = (url, until)
        self.until = until

    def __str__(self) -> str:
        return f"{self.url} was not asked: {self.reason}"


class FeedUnreadable(DealwireError):
    """The publisher answered, but with something that is no feed."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url, self.reason = url, reason

    def __str__(self) -> str:
        return f"{self.url} is no feed that can be read ({self.reason})"


class FeedHostile(FeedUnreadable):
    """The document takes more time or memory than any feed should, or is made to; nothing of it was kept."""

    def __str__(self) -> str:
        return f"{self.url} was not read ({self.reason})"


class PageUnreadable(DealwireError):
    """The page's HTML cannot be read; the feed's own text is taken."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url, self.reason = url, reason

    def __str__(self) -> str:
        return f"the page cannot be read ({self.reason})"


class AddressRefused(DealwireError):
    """The address is private or not allowed; `allow_private_hosts` names the ones that may be reached."""

    def __init__(self, url: str, address: str) -> None:
        super().__init__(url, address)
        self.url, self.address = url, address

    def __str__(self) -> str:
        return (
            f"{self.url} leads to the private address {self.address}; "
            "name its host in DEALWIRE_ALLOW_PRIVATE_HOSTS if it may be reached"
        )


class BodyTooLarge(DealwireError):
    """The body is longer than the limit; nothing of it was kept."""

    def __init__(self, url: str, limit: int) -> None:
        super().__init__(url, limit)
        self.url, self.limit = url, limit

    def __str__(self) -> str:
        return f"{self.url} is larger than {self.limit / 1e6:g} MB; it was not read"


class AmountUnreadable(DealwireError):
    """A number that looked like money could not be read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is not an amount of money"


class ExtractorRefused(DealwireError):
    """An extractor cannot be registered."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"extractor {self.name!r}: {self.reason}"


class ExtractorFailed(DealwireError):
    """An extractor raised an error on a text that it was asked about by name."""

    def __init__(self, name: str, error: str) -> None:
        super().__init__(name, error)
        self.name, self.error = name, error

    def __str__(self) -> str:
        return f"extractor {self.name!r} failed:\n{self.error}"


class PipelineUnusable(DealwireError):
    """The spaCy pipeline that the settings name is not installed, or does not load."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"spacy_pipeline {self.name!r}: {self.reason}"


class ComponentUnusable(PipelineUnusable):
    """A spaCy component that the settings name is not there, or does not load."""

    def __str__(self) -> str:
        return f"spaCy component {self.name!r}: {self.reason}"


class ProcessesUnusable(DealwireError):
    """The processes that should extract do not start."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"a process that extracts did not start ({self.reason}); `processes = 1` does without"


class LanguageModelUnavailable(Retryable):
    """The language model did not answer, or was not asked; the article is asked about in a later pass."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(endpoint, reason)
        self.endpoint, self.reason = endpoint, reason

    def __str__(self) -> str:
        return f"the language model at {self.endpoint} gave no answer ({self.reason}); it is asked in a later pass"


class LanguageModelSpent(LanguageModelUnavailable):
    """The budget of the day is used up."""

    def __init__(self, endpoint: str, requests: int, tokens: int) -> None:
        super().__init__(endpoint, f"{requests:,} requests or {tokens:,} tokens a day")
        self.args = (endpoint, requests, tokens)

    def __str__(self) -> str:
        return f"the language model's budget of the day is used up ({self.reason}); it is asked again tomorrow (UTC)"


class LanguageModelRefused(DealwireError):
    """The language model's endpoint refuses this question, and would refuse it again."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(endpoint, reason)
        self.endpoint, self.reason = endpoint, reason

    def __str__(self) -> str:
        return f"the language model at {self.endpoint} refuses the question ({self.reason})"


class AnswerUnreadable(DealwireError):
    """A language model's answer is not what was asked for, and was not when it was asked for again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the language model's answer cannot be read ({self.reason})"


class AnswersUnusable(DealwireError):
    """The file that keeps the language model's answers cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path}, which keeps the language model's answers, cannot be used ({self.reason})"


class WarehouseLocked(Retryable):
    """Another process holds the database."""

    def __init__(self, path: str, holder: str, seconds: float) -> None:
        super().__init__(path, holder, seconds)
        self.path, self.holder, self.seconds = path, holder, seconds

    def __str__(self) -> str:
        return f"{self.path} is held by {self.holder}; gave up after {self.seconds:g} s, nothing was changed"


class WarehouseUnreachable(Retryable):
    """The catalogue of a DuckLake does not answer, or does not let us in."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place, self.reason = place, reason

    def __str__(self) -> str:
        return f"{self.place} cannot be reached ({self.reason}); nothing was changed"


class WarehouseUnwritable(Retryable):
    """The disk refused what was to be stored."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} could not be written ({self.reason}); what was stored before is unharmed"


class WarehouseTooNew(DealwireError):
    """The database was written by a newer dealwire."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(path, found, known)
        self.path, self.found, self.known = path, found, known

    def __str__(self) -> str:
        return (
            f"{self.path} has schema {self.found}, this dealwire knows up to {self.known}; "
            "upgrade dealwire or name another file with --db"
        )


class NotAWarehouse(DealwireError):
    """The file is no DuckDB database, or one that is not ours."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} is no dealwire database ({self.reason}); name another file with --db"


class WarehouseMissing(DealwireError):
    """There is no database yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"there is no database at {self.path}; `dealwire run` makes it, or name another with --db"


class RecordIncompatible(DealwireError):
    """A record class does not fit the table that an older version of it made."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(table, reason)
        self.table, self.reason = table, reason

    def __str__(self) -> str:
        return f"table {self.table}: {self.reason}"


class QueryFailed(DealwireError):
    """The database refused a query; the message is the database's own, shortened."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class PrefectUnavailable(Retryable):
    """A Prefect server did not start, or stopped answering in the middle of a run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"Prefect is not available ({self.reason}); `dealwire run --inline` does without it"


class HubRefused(Retryable):
    """A WebSub hub did not take what it was asked; the feed is polled as before."""

    def __init__(self, hub: str, reason: str) -> None:
        super().__init__(hub, reason)
        self.hub, self.reason = hub, reason

    def __str__(self) -> str:
        return f"the hub {self.hub} did not take it ({self.reason}); the feed is polled as before"


class DeliveryFailed(Retryable):
    """A subscriber did not take what it was told; the delivery is kept and tried again."""

    def __init__(self, target: str, reason: str, lasting: bool = False, reached: bool = True) -> None:
        super().__init__(target, reason, lasting, reached)
        self.target, self.reason, self.lasting, self.reached = target, reason, lasting, reached
        # lasting: it said that it wants no more. reached: False where the next delivery would fare no better.

    def __str__(self) -> str:
        return f"{self.target} did not take it ({self.reason})"


class NotifyBusy(Retryable):
    """Another process is telling the subscribers."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"another process is telling the subscribers of {self.path}; it tells all there is"
