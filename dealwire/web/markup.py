"""Pieces of HTML that pages share. `Markup.format` escapes what comes from articles, feeds or users."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup, escape

from dealwire import wording
from schemas import DealKind

Row = Mapping[str, Any]
_DIRECTED = {kind for kind in DealKind if kind.directed}


def page(*parts: str | Markup) -> Markup:
    """The parts one after another; plain texts are escaped."""
    return Markup("\n").join(parts)


def link(address: str, text: str, *, title: str | None = None) -> Markup:
    """A link within the site."""
    told = Markup(' title="{}"').format(title) if title else ""
    return Markup('<a href="{}"{}>{}</a>').format(address, told, text)


def outside(address: str, text: str) -> Markup:
    """A link to somebody else's page: it opens in a tab of its own, and tells nobody where one came from.

    Only `http` and `https` become links; a feed may name anything.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        return escape(text)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer external">{}</a>').format(address, text)


def company_link(name: str) -> Markup:
    """A company's name, leading to its page; the page takes names as well as ids."""
    return link(f"/company/{quote(name, safe='')}", name)


def companies(names: Sequence[str], between: str = ", ") -> Markup:
    """Companies' names as links."""
    return escape(between).join(company_link(name) for name in names)


def sides(row: Row) -> Markup:
    """`NVIDIA, Microsoft → Anthropic`, or `A + B`, as links; the arrow is read out as “pays”."""
    if row["parties"]:
        return companies(row["parties"], " + ")
    arrow = Markup(' <span class="arrow" role="img" aria-label="pays">→</span> ')
    return companies(row["payers"]) + arrow + companies(row["payees"])


def amount(row: Row) -> Markup:
    """The amount of a deal or claim as words; empty if none is stated."""
    told = wording.money(row["currency"], row["amount_min"], row["amount_max"])
    return Markup('<span class="amount">{}</span>').format(told) if told else Markup("")


def kind_chip(kind: str) -> Markup:
    """The kind of a deal, in its colour."""
    return Markup('<span class="chip kind-{}">{}</span>').format(kind, wording.kind(kind))


def status_chip(status: str) -> Markup:
    """The status of a deal."""
    return Markup('<span class="chip status-{}">{}</span>').format(status, status)


def confidence(value: float | None) -> Markup:
    """How sure a deal is, as a word and a number."""
    if value is None:
        return Markup("")
    word = "sure" if value >= 0.8 else "likely" if value >= 0.5 else "unsure"
    return Markup('<span class="confidence" title="confidence, from 0 to 1">{} ({:.2f})</span>').format(word, value)


def evidence(row: Row) -> Markup:
    """A quote of an article: the sentence of a claim marked, and what stands around it.

    `row`: as `browse.claims` gives it: `passage`, `from_char`, `to_char`, `start_char`, `end_char`, `length`.
    """
    passage, first, last = row["passage"], row["from_char"], row["to_char"]
    before, after = passage[:first], passage[last:]
    if row["start_char"] > first:
        before = "…" + before.partition(" ")[2]
    if row["end_char"] + len(after) < row["length"]:
        after = after.rpartition(" ")[0] + "…"
    return Markup("<blockquote class='evidence'>{} <mark>{}</mark> {}</blockquote>").format(
        _line(before), _line(passage[first:last]), _line(after)
    )


def quote_of(sentence: str) -> Markup:
    """A sentence of an article on its own, marked."""
    return Markup("<blockquote class='evidence'><mark>{}</mark></blockquote>").format(_line(sentence))


def found_in(passage: str, words: Sequence[str], *, cut: bool) -> Markup:
    """A passage with the words marked that were searched for. `cut`: it begins in the middle of a text."""
    if not passage:
        return Markup("")
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    told, at = [Markup("…") if cut else Markup("")], 0
    for match in pattern.finditer(passage):
        told += [escape(passage[at : match.start()]), Markup("<mark>{}</mark>").format(match[0])]
        at = match.end()
    return Markup("<p class='passage'>{}…</p>").format(Markup("").join([*told, escape(passage[at:])]))


def day(when: date | datetime | None) -> Markup:
    """A day, as `18 Nov 2025`; a dash if there is none."""
    if when is None:
        return Markup('<span class="quiet">–</span>')
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(), wording.day(when))


def ago(when: datetime | None, *, now: datetime | None = None, otherwise: str = "never") -> Markup:
    """`5 min ago` or `in 2 h`, with the exact time as a tooltip."""
    if when is None:
        return Markup('<span class="quiet">{}</span>').format(otherwise)
    told = wording.ago(when, now or datetime.now(UTC))
    return Markup('<time datetime="{}" title="{:%Y-%m-%d %H:%M} UTC">{}</time>').format(when.isoformat(), when, told)


def address(path: str, given: Mapping[str, Any], **changes: Any) -> str:
    """`path?a=1&b=2`: the given parameters with the changes, without those that are empty."""
    wanted = {name: value for name, value in {**given, **changes}.items() if value not in (None, "", False, [])}
    asked = urlencode({name: "1" if value is True else value for name, value in wanted.items()}, doseq=True)
    return f"{path}?{asked}" if asked else path


def options(choices: Iterable[tuple[str, str]], chosen: str | None, *, all_of: str | None = None) -> Markup:
    """The `<option>`s of a `<select>`: one for no choice, if there may be none, then value and text of each."""
    first = Markup("") if all_of is None else Markup('<option value="">{}</option>').format(all_of)
    rest = (
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == chosen else "", text)
        for value, text in choices
    )
    return first + Markup("").join(rest)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str) -> Markup:
    """A table that scrolls by itself where it is too wide; numbers stand to the right. `caption` is read out."""
    cells = [list(row) for row in rows]
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(
            Markup(' class="number"') if any(_is_number(row[at]) for row in cells) else "", column
        )
        for at, column in enumerate(columns)
    )
    body = Markup("").join(Markup("<tr>{}</tr>").format(Markup("").join(map(_cell, row))) for row in cells)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table><caption class="unseen">{0}</caption>'
        "<thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
    ).format(caption, head, body)


def strip(facts: Iterable[tuple[str, Any]]) -> Markup:
    """Numbers in a row, each below what it is."""
    told = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in facts)
    return Markup('<dl class="strip">{}</dl>').format(told)


def empty_state(text: str, what_to_do: str | Markup) -> Markup:
    """What stands where there is nothing yet: that it is so, and what to do about it."""
    return Markup('<div class="empty"><p><strong>{}</strong></p><p>{}</p></div>').format(text, what_to_do)


def error_card(error: Exception | str) -> Markup:
    """An error in words."""
    return Markup('<div class="error" role="alert"><p><strong>This did not work.</strong></p><p>{}</p></div>').format(
        str(error)
    )


def note(text: str | Markup, *, tone: str = "info") -> Markup:
    """A line that tells of something: `tone` is `info`, `good` or `warning`."""
    return Markup('<p class="note {}" role="status">{}</p>').format(tone, text)


def form_button(
    action: str, text: str | Markup, csrf: str, fields: Mapping[str, str], *, ask: str | None = None
) -> Markup:
    """A button that changes something: a form of its own with hidden fields. `ask`: what is asked before."""
    hidden = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in {"csrf": csrf, **fields}.items()
    )
    asked = Markup(' data-ask="{}"').format(ask) if ask else ""
    return Markup(
        '<form method="post" action="{}" class="inline"{}>{}<button class="button quiet-button">{}</button></form>'
    ).format(action, asked, hidden, text)


def directed(kind: str) -> bool:
    """Whether money flows one way in this kind of deal."""
    return kind in _DIRECTED


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any) -> Markup:
    if _is_number(value):
        return Markup('<td class="number">{}</td>').format(f"{value:,}" if isinstance(value, int) else f"{value:g}")
    return Markup("<td>{}</td>").format("" if value is None else value)


def _line(text: str) -> str:
    """The text on one line; a sign stands for the end of a paragraph."""
    return " ¶ ".join(" ".join(part.split()) for part in text.split("\n") if part.strip())
