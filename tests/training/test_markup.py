"""Annotated news keeps its meaning in both forms, and what is written wrongly is told with its place."""

import pytest

from training import markup

TEXT = """=== one-001 | wire | 2025-11-18
[Anthropic](C) orders [$30 billion](M USD 3e10) of cloud from [Microsoft](C)

[Nvidia](C NVIDIA) will put in [up to](O) [$10 billion](M USD ..1e10), and [Anthropic](C) takes
[a gigawatt](P ..1000mw) of [Grace Blackwell](H NVIDIA Grace Blackwell) for [Claude](L). It was said twice.
--- deals
purchase announced: Anthropic -> Microsoft | USD 3e10 | - | Anthropic orders
investment planned: NVIDIA -> Anthropic | USD ..1e10 | - | Nvidia will put in
partnership announced: NVIDIA; Anthropic | - | - | It was said twice
"""


def test_marks_become_spans_and_deals_find_their_sentence() -> None:
    (one,) = markup.parse(TEXT)
    text = one["text"]
    printed = [(text[m["start"] : m["end"]], m["label"], m.get("entity")) for m in one["mentions"]]
    assert printed[:3] == [
        ("Anthropic", "COMPANY", "Anthropic"),
        ("$30 billion", "MONEY", None),
        ("Microsoft", "COMPANY", "Microsoft"),
    ]
    assert one["mentions"][5] | {"start": 0, "end": 0} == {
        "start": 0, "end": 0, "label": "MONEY", "currency": "USD", "min": None, "max": 10_000_000_000,
    }  # fmt: skip
    assert one["mentions"][7]["mw_max"] == 1000
    assert text.startswith("Anthropic orders $30 billion of cloud from Microsoft\n\nNvidia will")
    assert [(d["kind"], d["payers"], d["payees"], d["parties"]) for d in one["deals"]] == [
        ("purchase", ["Anthropic"], ["Microsoft"], []),
        ("investment", ["NVIDIA"], ["Anthropic"], []),
        ("partnership", [], [], ["NVIDIA", "Anthropic"]),
    ]
    start, end = one["deals"][2]["evidence"]
    assert text[start:end] == "It was said twice."


def test_a_document_written_out_and_read_again_is_the_same() -> None:
    (one,) = markup.parse(TEXT)
    assert list(markup.parse(markup.render(one))) == [one]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("No head\n", "does not begin with a line like"),
        ("=== a | poem | 2025-11-18\nTitle\n", "should be: === id"),
        ("=== a | wire | 2025-11-18\nTitle\nNo blank line\n", "a blank line should follow the title"),
        ("=== a | headline | 2025-11-18\n[$5](M 5)\n", "begin with a currency code"),
        ("=== a | headline | 2025-11-18\n[X](C\n", "a mark that cannot be read"),
        ("=== a | headline | 2025-11-18\n[X](C) buys\n--- deals\nbuys: X\n", "should be: kind status"),
        (
            "=== a | headline | 2025-11-18\n[X](C) buys\n--- deals\npartnership announced: X -> Y | - | - | X\n",
            "goes with A; B",
        ),
        (
            "=== a | headline | 2025-11-18\n[X](C) buys\n--- deals\nacquisition announced: X -> Y | - | - | Nobody\n",
            "does not stand in the text",
        ),
    ],
)
def test_what_is_malformed_is_told(wrong: str, said: str) -> None:
    with pytest.raises(markup.Malformed, match=said):
        list(markup.parse(wrong))


def test_check_tells_of_unmarked_names_and_strangers_in_deals() -> None:
    (one,) = markup.parse(
        "=== a | wire | 2025-11-18\n[Oracle](C) grows\n\nOracle sold $5 million more.\n"
        "--- deals\nacquisition announced: Oracle -> Cerner | - | - | Oracle sold\n"
    )
    told = "\n".join(markup.check(one))
    assert "'Cerner' is in a deal" in told
    assert "'Oracle' is unmarked" in told
    assert "unmarked amount" in told
