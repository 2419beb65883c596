"""Which sentences the encoder is asked about, and what it says of them."""

from typing import Any

import pytest

from extractors import builtin, run
from extractors.company_names import judged
from extractors.encoder.gate import asked
from extractors.spans import Taken


def gated(text: str) -> list[str]:
    """The sentences of a text that it is asked about, as the catalogue explains the names."""
    ends = [at + 1 for at, char in enumerate(text) if char == "."]
    sentences = list(zip([0, *ends[:-1]], ends, strict=True))
    known, doubtful = judged(text, Taken([]))
    found = asked(text, sentences, [(one.start, one.end) for one in known], doubtful)
    return [text[start:end].strip() for start, end in found]


def test_it_is_not_asked_where_every_capital_is_accounted_for() -> None:
    assert gated("Nvidia sells chips to Microsoft. Demand is high.") == []
    assert gated("Nvidia sells chips to Zorblax. Demand is high.") == ["Nvidia sells chips to Zorblax."]


def test_it_is_asked_about_a_word_that_is_a_companys_name_or_opens_the_sentence() -> None:
    assert gated("Apple tends to stay silent. Oracle sits in the middle. Nvidia grows.") == [
        "Apple tends to stay silent.",
        "Oracle sits in the middle.",
    ]


@pytest.mark.parametrize("name", ["Oracle", "Apple", "Visa"])
def test_a_word_that_is_a_companys_name_or_opens_the_sentence_is_read_in_its_sentence(name: str) -> None:
    text = f"{name} competes with SAP, sells software to banks and hires engineers in Texas."
    (outcomes,) = run.extract([text], using=builtin.extractors())
    assert [name] == [text[one.start : one.end] for one in found(outcomes) if one.start == 0]


def test_a_word_that_the_article_has_in_lower_case_is_no_name_in_a_headline_of_capitals() -> None:
    text = (
        "Microsoft, Nvidia, Anthropic Form Billion-Dollar Alliance To Reshape AI Compute\n\nThe alliance is set to "
        "reshape the market for compute, Microsoft said on Monday."
    )
    (outcomes,) = run.extract([text], using=builtin.extractors())
    assert {text[one.start : one.end] for one in found(outcomes)} == {"Microsoft", "Nvidia", "Anthropic"}


def found(outcomes: list[run.Outcome]) -> list[Any]:
    """The companies of a text."""
    return [one for outcome in outcomes if outcome.extractor.name == "companies" for one in outcome.records]
