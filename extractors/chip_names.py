"""Chips by their names: members of the families of the catalogue, unseen versions included."""

import re

from extractors.catalog import Family, chip_families, of_catalogue
from extractors.names import Found, Matcher, whole_words
from extractors.resolve import company_names

_NOUN = re.compile(
    r"[- ](?:(?:AI|GPU|CPU|server|data[- ]cent(?:er|re)|next-generation|custom|inference|training|mobile|smart) )?"
    r"(?:chips?|GPUs?|CPUs?|DPUs?|NPUs?|processors?|accelerators?|silicon|superchips?|systems?|architecture|platforms?"
    r"|servers?|racks?|parts?|cores?|cards?|generation|series|graphics|boards?|modems?|SoCs?|family|lineup|line)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:chips?|GPUs?|CPUs?|processors?|accelerators?|superchips?|silicon|platform|architecture|codenamed|code-named"
    r"|dubbed|called|named|generation|successor|part|modem),? (?:the |its |is |are )?$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:,| and| or|/|,? to| versus| over)(?: the)? ?$|[-+/]$")
_APPLE_TALK = re.compile(r"\b(?:iPhone|iPad|MacBook|Mac|Apple silicon|Vision Pro|chips?)\b")


def find(text: str) -> list[Found]:
    """The chips in `text`; names of one chip that follow each other ("Grace Blackwell GB300") are one."""
    judge = _Judge(text)
    found = _matcher().find(text, judge.accepts)
    return _joined(text, found)


class _Judge:
    """Decides whether a name that may mean something else means a chip here."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._named: dict[str, bool] = {}
        self._last: tuple[int, str] = (-1, "")

    def accepts(self, family: Family, start: int, end: int) -> bool:
        if self._fits(family, start, end):
            self._last = (end, family.owner)
            return True
        return False

    def _fits(self, family: Family, start: int, end: int) -> bool:
        text, needs = self._text, family.needs
        if not needs:
            return True
        if vendor_before(text, start, family.owner) is not None:
            return True
        if needs == "vendorprefix" or not self._vendor_named(family.owner):
            return False
        if needs == "vendor":
            return True
        noun = _NOUN.match(text, end) is not None
        called = _BEFORE.search(text[max(0, start - 40) : start]) is not None
        if needs == "chipnoun":
            return noun or called
        last_end, last_owner = self._last
        listed = last_owner == family.owner and _LISTED.fullmatch(text[last_end:start]) is not None
        touching = last_owner == family.owner and text[last_end:start] in (" ", "-")
        if needs == "applelike":
            return noun or called or listed or _APPLE_TALK.search(text) is not None
        return noun or called or listed or touching

    def _vendor_named(self, owner: str) -> bool:
        if owner not in self._named:
            self._named[owner] = _names(owner).search(self._text) is not None
        return self._named[owner]


def vendor_before(text: str, start: int, owner: str) -> int | None:
    """Where the owner's name begins that stands directly before `start`; None if there is none."""
    if start < 2 or text[start - 1] != " ":
        return None
    before = text[max(0, start - 30) : start - 1]
    for name in company_names(owner):
        if before.endswith(name) and not before[: -len(name)][-1:].isalnum():
            return start - 1 - len(name)
    return None


def _joined(text: str, found: list[Found]) -> list[Found]:
    """Neighbours of one owner made one, vendors taken in."""
    joined: list[Found] = []
    for one in found:
        if joined and joined[-1].family.owner == one.family.owner and text[joined[-1].end : one.start] in (" ", "-"):
            last = joined.pop()
            name = last.name + one.name.removeprefix(one.family.owner) if "NVL" in one.name else one.name
            joined.append(Found(last.start, one.end, name, one.family))
            continue
        before = vendor_before(text, one.start, one.family.owner)
        joined.append(one if before is None else one._replace(start=before))
    return joined


@of_catalogue
def _names(owner: str) -> re.Pattern[str]:
    return whole_words(frozenset(company_names(owner)))


@of_catalogue
def _matcher() -> Matcher:
    return Matcher(chip_families(), plural=True)
