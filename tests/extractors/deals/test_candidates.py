"""What the encoder is given to read: pairs of companies with all their mentions, pronouns among them."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from extractors.deals import typed_sentences
from extractors.deals.candidates import Candidates, candidates
from extractors.nlp import pipeline
from extractors.run import sentences
from schemas.ids import slug
from schemas.mention import CompanyMention, ModelMention

TEXT = (
    "Acme raises its bid\n\nAcme’s chips are sold to carmakers. It (the group is based in Ulm) agreed to buy Bolt. "
    "Bolt said it had waited for this. Acme is a chipmaker. The chipmaker will pay in cash; it bought Corex in May."
)


def read(
    text: str, *names: str, models: Sequence[ModelMention] = ()
) -> tuple[list[tuple[str, tuple[str, ...]]], list[Candidates]]:
    """The words that stand for companies in a text, and its windows; the companies are these wherever they stand."""
    found = []
    for name in names:
        at = text.find(name)
        while at >= 0:
            found.append(CompanyMention(start=at, end=at + len(name), company_id=slug(name), name=name, known=True))
            at = text.find(name, at + 1)
    found.sort(key=lambda one: one.start)
    doc = pipeline()(text)
    doc.user_data["dealwire"] = {
        "companies": tuple(found),
        "money": (),
        "capacity": (),
        "chips": (),
        "models": tuple(models),
    }
    scenes = [scene for scene, _, _ in typed_sentences(doc)]
    meant = [(text[start:end], names) for scene in scenes for start, end, names in scene.referring(text)]
    return meant, list(candidates(text, [*found, *models], sentences(doc), [], scenes))


def test_words_that_stand_for_companies_are_found_where_they_stand() -> None:
    meant, _ = read(TEXT, "Acme", "Bolt", "Corex")
    assert ("it", ("Bolt",)) in meant
    assert ("The chipmaker", ("Acme",)) in meant
    assert meant[-1] == ("it", ("Acme",))


def test_a_pair_is_looked_at_through_its_pronouns_too() -> None:
    _, (window,) = read(TEXT, "Acme", "Bolt", "Corex")
    acme, bolt, _ = window.entities
    shown = [TEXT[start:end] for start, end in acme.spans]
    assert shown == ["Acme", "its", "Acme", "It", "Acme", "chipmaker", "it"]
    assert acme.named == (True, False, True, False, True, False, False)
    assert [TEXT[start:end] for start, end in acme.names.spans] == ["Acme"] * 3
    links = window.links[window.pairs.index((0, 1))].tolist()
    assert [acme.places[3], bolt.places[0]] in links


def test_the_maker_of_a_model_is_looked_at_where_the_text_says_so() -> None:
    text = "Acme and Bolt met. Bolt will back the Claude developer, and Acme hires from the maker of Claude."
    at = [found.start() for found in re.finditer("Claude", text)]
    claude = [ModelMention(start=n, end=n + 6, model_id="claude", name="Claude", developer="Acme") for n in at]
    meant, (window,) = read(text, "Acme", "Bolt", models=claude)
    assert [word for word, names in meant if names == ("Acme",)] == ["developer", "maker"]
    acme, bolt = window.entities
    links = window.links[window.pairs.index((0, 1))].tolist()
    assert [bolt.places[1], acme.places[1]] in links


def test_in_a_long_round_up_neighbours_are_paired_wherever_they_stand() -> None:
    names = [
        f"{first}{last}" for first in ("Al", "Bo", "Ca", "De", "Ed", "Fa") for last in ("dan", "fix", "gor", "mit")
    ]
    text = " ".join(f"{a} buys {b}." for a, b in zip(*[iter([*names, "Zorro", "Quark"])] * 2, strict=True))
    _, (window,) = read(text, *names, "Zorro", "Quark")
    paired = {tuple(window.entities[at].name for at in pair) for pair in window.pairs}
    assert ("Zorro", "Quark") in paired


def test_where_nobody_is_meant_names_alone_count() -> None:
    _, (window,) = read("Acme and Bolt met. It rained.", "Acme", "Bolt")
    assert all(all(one.named) for one in window.entities)


WORDS = ("Acme", "Bolt", "it", "its", "both", "they", "the group", "buys", ",", ".\n", "İ", "’s")


@given(st.lists(st.sampled_from(WORDS)))
def test_every_reference_is_a_word_of_the_text(words: list[str]) -> None:
    text = "Acme met Bolt. " + " ".join(words)
    meant, windows = read(text, "Acme", "Bolt")
    assert all(word.lower() in ("it", "its", "both", "they", "the group") for word, _ in meant)
    for window in windows:
        for one in window.entities:
            assert list(one.spans) == sorted(one.spans)
            assert one.names.spans
