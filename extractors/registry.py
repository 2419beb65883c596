"""The registry of extractors: functions from a spaCy `Doc` to records, each with a name, a version and a table."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from extractors.asks import text_alone
from schemas.columns import OWN_TABLES, columns, why_no_table
from schemas.errors import ExtractorRefused, RecordIncompatible
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

R = TypeVar("R", bound=Record)
When = Callable[[str], bool]
"""A cheap test of an article's text (title, blank line, body): False skips the article."""
BUILTIN = {
    "money": "money_mentions",
    "capacity": "capacity_mentions",
    "chips": "chip_mentions",
    "models": "model_mentions",
    "companies": "company_mentions",
    "deals": "deal_claims",
}
"""Names and tables of the extractors that come along."""
LANGUAGE_MODEL = "language_model"
"""Name of the extractor that comes along and is off until the settings name a model; its table is that of `deals`."""
LABELS = frozenset(["COMPANY", "MONEY", "CHIP", "MODEL", "CAPACITY", "OUTLET"])
"""Labels that mean something already."""


@dataclass(frozen=True)
class Extractor:
    """One registered extractor. `function` is called once an article, after the extractors in `requires`."""

    name: str
    version: str
    record: type[Record]
    table: str
    function: "Callable[[Doc], Iterable[Record]]"
    requires: tuple[str, ...] = ()
    when: When | None = None
    label: str | None = None
    """Under which label the view `mentions` shows its records; None: it does not."""
    seconds: float | None = None
    """Longest time for one article; None: as the settings say."""
    text_alone: bool = False
    """It uses nothing of the document but `doc.text`, so no document need be made for it."""
    rests_on: str | None = None
    """Those it requires, at whatever remove, with their versions, `companies 2, money 2`; `builtin.extractors` sees to
    it. Its records are made from theirs, so a new version of one of these is a new one of it."""

    @property
    def custom(self) -> bool:
        """Whether it is a user's own."""
        return not self.function.__module__.startswith("extractors.")

    @property
    def file(self) -> str:
        """The file that the function stands in; empty if there is none."""
        return getattr(getattr(self.function, "__code__", None), "co_filename", "")

    @property
    def place(self) -> str:
        """Where it comes from, for people."""
        return self.file if self.custom and Path(self.file).is_file() else self.function.__module__


_registered: dict[str, Extractor] = {}


def extractor(
    name: str,
    *,
    version: str,
    record: type[R],
    table: str | None = None,
    requires: Sequence[str] = (),
    when: When | None = None,
    label: str | None = None,
    seconds: float | None = None,
) -> "Callable[[Callable[[Doc], Iterable[R]]], Callable[[Doc], Iterable[R]]]":
    """Register a function as the extractor `name`; its records go to the table of that name, or to `table`.

    It runs after the extractors in `requires`, whose finds are in `doc.spans` under their names. `when` is asked with
    the article's text (title, blank line, body) and skips it with False. With a `label` the view `mentions` shows its
    records. `seconds` is the longest it may take for one article, else the settings say. Raise `version` when it finds
    other things than before: stored articles are then read again. Raises `ExtractorRefused`.
    """

    def register(function: "Callable[[Doc], Iterable[R]]") -> "Callable[[Doc], Iterable[R]]":
        if isinstance(requires, str):
            raise ExtractorRefused(name, f"requires takes a list of names, such as requires=({requires!r},)")
        ours = function.__module__.startswith("extractors.")
        alone = not ours and text_alone(function)
        add(
            Extractor(
                name, version, record, table or name, function, tuple(requires), when, label, seconds, alone
            )
        )  # fmt: skip
        return function

    return register


def add(new: Extractor) -> None:
    """Put an extractor into the registry; registering the very same function again is allowed.

    Raises `ExtractorRefused` with what to write instead.
    """
    _check_names(new)
    _check_record(new)
    old = _registered.get(new.name)
    if old and _identity(old.function) != _identity(new.function):
        raise ExtractorRefused(new.name, f"the name is taken by {old.place}; choose another")
    for other in _registered.values():
        if other.name == new.name:
            continue
        if other.table == new.table and other.record is not new.record:
            raise ExtractorRefused(
                new.name, f"the table {new.table} holds the records of {other.name!r}; name another with table="
            )
        if new.label and other.label == new.label:
            raise ExtractorRefused(new.name, f"the label {new.label} is that of {other.name!r}; choose another")
    _registered[new.name] = new


def remove(name: str) -> None:
    """Take an extractor out; one that is not there is no fault."""
    _registered.pop(name, None)


def get(name: str) -> Extractor:
    """The extractor of that name. Raises `ExtractorRefused`."""
    if name in BUILTIN and name not in _registered:
        import_module("extractors.builtin")
    if name not in _registered:
        raise ExtractorRefused(name, f"it is not registered; there are: {', '.join(_registered)}")
    return _registered[name]


def names() -> tuple[str, ...]:
    """The names of all that are registered, in that order."""
    return tuple(_registered)


def registered() -> tuple[Extractor, ...]:
    """All extractors, each after those it requires, else in order of registration.

    Raises `ExtractorRefused` if one requires an extractor that is not there, or itself.
    """
    ordered: dict[str, Extractor] = {}

    def place(one: Extractor, above: tuple[str, ...]) -> None:
        if one.name in ordered:
            return
        for need in one.requires:
            if need in above or need == one.name:
                raise ExtractorRefused(one.name, f"it requires itself by way of {need!r}")
            if need not in _registered:
                known = ", ".join(name for name in _registered if name != one.name)
                raise ExtractorRefused(one.name, f"it requires {need!r}, which is not registered; there are: {known}")
            place(_registered[need], (*above, one.name))
        ordered[one.name] = one

    for one in list(_registered.values()):
        place(one, ())
    return tuple(ordered.values())


def _check_names(new: Extractor) -> None:
    ours = BUILTIN.get(new.name) == new.table and not new.custom
    for name in dict.fromkeys((new.name, new.table)):
        if not isinstance(name, str) or not name:
            raise ExtractorRefused(str(name), "it needs a name, which names an SQL table")
        if (reason := why_no_table(name)) is not None:
            raise ExtractorRefused(new.name, reason)
        if not ours and new.custom and name in (*BUILTIN, *BUILTIN.values(), LANGUAGE_MODEL):
            raise ExtractorRefused(new.name, f"{name} is one of the extractors that come along; choose another name")
    if new.table in OWN_TABLES and not ours:
        raise ExtractorRefused(new.name, f"dealwire has a table or view {new.table}; choose another name, or table=")
    if not isinstance(new.version, str) or not new.version.strip():
        raise ExtractorRefused(new.name, f'the version is text, such as version="1", not {new.version!r}')
    if new.label is not None and (new.label in LABELS or not new.label.replace("_", "").isalnum()):
        raise ExtractorRefused(
            new.name, f"the label {new.label!r} is taken or no word; write one of your own, such as LAYOFF"
        )


def _check_record(new: Extractor) -> None:
    record: Any = new.record
    if not (isinstance(record, type) and issubclass(record, Record)):
        raise ExtractorRefused(new.name, f"record={record!r} is no class made from dealwire.Record")
    if not record.__pydantic_complete__:
        with suppress(Exception):  # what it lacks is told below, field by field
            record.model_rebuild()
    try:
        columns(record)
    except RecordIncompatible as error:
        raise ExtractorRefused(new.name, f"{error.table}: {error.reason}") from error


def _identity(function: Any) -> tuple[str, str]:
    """File and name: a file may be read under several module names."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return (code.co_filename if code else function.__module__, name)
