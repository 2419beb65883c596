"""Which sentences the encoder is asked about."""

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


def test_it_is_asked_about_a_word_that_is_a_companys_name_or_opens_the_sentence() -> None:
    assert gated("Apple tends to stay silent. Oracle sits in the middle.") == [
        "Apple tends to stay silent.",
        "Oracle sits in the middle.",
    ]


def test_it_is_not_asked_where_every_capital_is_accounted_for() -> None:
    assert gated("Nvidia sells chips to Microsoft. Demand is high.") == []
    assert gated("Nvidia sells chips to Zorblax. Demand is high.") == ["Nvidia sells chips to Zorblax."]
