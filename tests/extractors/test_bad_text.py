"""Whatever a text holds, extraction ends, and every mention is a piece of that text."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dealwire.demo.serve import OUTLETS, stories
from extractors import chip_names, company_names, model_names, run
from extractors.capacity import find_capacity
from extractors.money import find_money
from extractors.nlp import readable
from schemas import MoneyMention, Record

NEWS = (
    "$5 billion", "up to ", "more than ", "€1.7bn", "RMB 380", "Rs 5 lakh crore", "half a billion dollars", "183 pence",
    "$5 to $7 billion", " ($2.3 billion)", "10 GW", "22,000 H100s", "tens of thousands of GPUs", "Nvidia H100", "H200s",
    "Claude Opus 4.1 and Haiku 4.5", "GPT-5", "Gemini 2.5 Pro and Flash", "TPU v7", "Microsoft", "Oracle Corp.", "’s ",
    " will invest ", " in ", " acquired ", ". ", ", ", "\n\n", " ", "-", "S$", "R", "$", "k", "bn",
)  # fmt: skip
ODD = (
    "", " ", "\t", "\r\n", "\x00", "\x07", "\x1b[31m", "\u00a0", "\u200b", "\u200f", "\u202e", "\u2066", "\u2069",
    "\ufeff", "\u0301", "\u20dd", "\ud800", "\udfff", "\ue000", "\uffff", "\U0001f4b0",
    "½", "²", "٣", "４", "৪", "〇", "Ⅷ",
    "<p>", "</b>", "<script>alert('$5 billion')</script>", "&nbsp;", "&#36;5", "<td>$5</td><td>", "]]>", "{{",
    "\\u0024",
    "英伟达将向OpenAI投资1000亿美元", "微软（Microsoft）", "استثمرت مايكروسوفت 5 مليارات دولار",
    "Яндекс вложит 2 млрд рублей",
    "Die Firma zahlt 1,5 Mrd. Euro für", "ﬁne", "İ", "ß", "ǅ", "Å", "e\u0301", "한국 3조원", "१०० करोड़",
)  # fmt: skip
texts = st.lists(st.sampled_from(NEWS) | st.sampled_from(ODD) | st.text(st.characters(), max_size=6), max_size=14).map(
    "".join
)
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def money(text: str) -> Sequence[Any]:
    return find_money(readable(text))


def capacities(text: str) -> Sequence[Any]:
    return find_capacity(readable(text))


def chips(text: str) -> Sequence[Any]:
    return chip_names.find(readable(text))


def models(text: str) -> Sequence[Any]:
    return model_names.find(readable(text))


def companies(text: str) -> Sequence[Any]:
    return company_names.find(readable(text))


FINDERS: dict[str, Callable[[str], Sequence[Any]]] = {
    "MONEY": money,
    "CAPACITY": capacities,
    "CHIP": chips,
    "MODEL": models,
    "COMPANY": companies,
}


def assert_printed(text: str, found: Iterable[Any]) -> None:
    """Each is a whole piece of the text: inside it, not empty, no blanks at its ends, no word cut, none in another."""
    reach = 0
    for one in sorted(found, key=lambda one: one.start):
        printed = text[one.start : one.end]
        assert 0 <= one.start < one.end <= len(text)
        assert printed
        assert printed == printed.strip()
        assert not (printed[0].isalpha() and text[one.start - 1 : one.start].isalpha())
        assert not (printed[-1].isalnum() and text[one.end : one.end + 1].isalnum())
        assert one.start >= reach
        reach = one.end


def extracted(text: str) -> dict[str, tuple[Record, ...]]:
    (outcomes,) = run.extract([text], encoder=False)
    assert [one.error for one in outcomes] == [None] * len(outcomes)
    return {one.extractor.name: one.records for one in outcomes}


@pytest.mark.parametrize("label", FINDERS)
@calm
@given(text=texts)
def test_mentions_are_pieces_of_any_text(label: str, text: str) -> None:
    assert_printed(text, FINDERS[label](text))


@calm
@given(text=texts)
def test_amounts_of_any_text_have_a_currency_and_ordered_bounds(text: str) -> None:
    for one in find_money(readable(text)):
        assert len(one.currency) == 3
        assert one.amount_min is not None or one.amount_max is not None
        assert one.amount_min is None or one.amount_max is None or 0 <= one.amount_min <= one.amount_max


@settings(calm, max_examples=60)
@given(text=texts)
@example(text="RMB 38010 GW")
def test_every_extractor_takes_any_text(text: str) -> None:
    found = extracted(text)
    mentions = [one for name in ("companies", "money", "chips", "models", "capacity") for one in found[name]]
    assert_printed(text, mentions)
    assert all(0 <= one.start <= one.end <= len(text) for records in found.values() for one in records)


@pytest.mark.parametrize("text", [*ODD, "\n" * 50, " \u200b\n", "\ud800" * 9, "\u202e\u202d" * 9, "a\u0301" * 40])
def test_odd_texts_are_read_without_an_error(text: str) -> None:
    assert_printed(text, extracted(text)["companies"])


@pytest.mark.parametrize("odd", [one for one in ODD if one.strip()] + ["\ud800"])
def test_what_stands_around_a_mention_leaves_it_as_printed(odd: str) -> None:
    text = f"{odd} Microsoft will pay $5 billion for 22,000 H100s. {odd}"
    found = extracted(text)
    money = [one for one in found["money"] if isinstance(one, MoneyMention)]
    assert "$5 billion" in [text[one.start : one.end] for one in money]
    assert "22,000 H100s" in [text[one.start : one.end] for one in found["capacity"]]
    assert "Microsoft" in [text[one.start : one.end] for one in found["companies"]]


def _long(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


@pytest.mark.timeout(900)
def test_an_article_of_two_megabytes_is_read() -> None:
    story = max((story for outlet in OUTLETS for story in stories(outlet)), key=lambda one: len(one.paragraphs))
    text = _long("\n\n".join((story.title, *story.paragraphs)) + "\n\n", 2_000_000)
    found = extracted(text)
    assert_printed(text, [*found["companies"], *found["money"], *found["chips"], *found["models"], *found["capacity"]])
    assert len(found["companies"]) > 1000


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "$",
        "$1 ",
        "$1,",
        "a hundred and ",
        "five to ",
        "A",
        "Aa ",
        "Aa & ",
        "up to ",
        "$5 billion, ",
        "H",
        "H100, ",
        "(",
    ],
)
def test_a_hundred_kilobytes_of_one_thing_are_read(piece: str) -> None:
    text = _long(piece, 100_000)
    for find in FINDERS.values():
        find(text)
