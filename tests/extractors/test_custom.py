"""A custom extractor among the built-in ones: what it is given, when it is skipped, what its failure costs."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc, Span

import dealwire
from extractors import builtin, nlp, registry, run
from extractors.limits import Limits
from extractors.registry import Extractor
from schemas import MoneyMention, Record
from schemas.component import Component
from schemas.errors import ComponentUnusable, ExtractorFailed

TEXT = "Nvidia paid Oracle $5 million for H100s."


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    builtin.extractors()
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))


class Note(Record):
    """Whatever a test wants to know."""

    said: str = ""
    known: tuple[str, ...] = ()


def made(name: str, function: Callable[[Any], Any], **given: Any) -> Extractor:
    registry.extractor(name, **({"version": "1", "record": Note} | given))(function)
    return registry.get(name)


def read(*using: Extractor, text: str = TEXT, **how: Any) -> list[run.Outcome]:
    ((*found,),) = run.extract([text], using=using, encoder=False, **how)
    return found


def test_it_reads_what_it_requires_from_spans_and_records() -> None:
    def find(doc: Doc) -> Iterator[Note]:
        for span in doc.spans["companies"]:
            yield Note.at(span, said=span.text, known=(span.kb_id_,))
        for one in dealwire.records(doc, "money"):
            assert isinstance(one, MoneyMention)
            yield Note(start=one.start, end=one.end, said=f"{one.amount_max:.0f}")

    (found,) = read(made("notes", find, requires=["companies", "money"]))
    assert found.error is None
    assert [(one.said, one.known) for one in found.records] == [  # type: ignore[attr-defined]
        ("Nvidia", ("nvidia",)),
        ("Oracle", ("oracle",)),
        ("5000000", ()),
    ]


def test_only_what_is_asked_for_is_told_and_only_what_is_needed_is_run() -> None:
    ran: list[str] = []

    def first(doc: Doc) -> list[Note]:
        ran.append("first")
        return [Note(start=0, end=6)]

    def second(doc: Doc) -> list[Note]:
        ran.append("second")
        return [Note.at(span) for span in doc.spans["first"]]

    def third(doc: Doc) -> list[Note]:
        ran.append("third")
        return []

    made("first", first)
    made("third", third)
    (found,) = read(made("second", second, requires=["first"]))
    assert (ran, [one.end for one in found.records]) == (["first", "second"], [6])


def test_one_that_uses_the_text_alone_has_no_document_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "pipeline", lambda *_: pytest.fail("a document was made"))

    def find(doc: Any) -> list[Note]:
        return [Note(start=0, end=1, said=doc.text[:6])]

    (found,) = read(made("notes", find), text="\ud800" + TEXT)
    assert [one.said for one in found.records] == ["\ufffdNvidi"]  # type: ignore[attr-defined]


def test_what_it_finds_is_in_the_document_made_later_for_another() -> None:
    def early(doc: Any) -> list[Note]:
        return [Note(start=0, end=len(doc.text.split()[0]))]

    def late(doc: Doc) -> list[Note]:
        return [Note.at(span, said=span.text) for span in doc.spans["early"]]

    (found,) = read(made("early", early), made("late", late, requires=["early"]))[1:]
    assert [one.said for one in found.records] == ["Nvidia"]  # type: ignore[attr-defined]


def test_when_skips_an_article_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "pipeline", lambda *_: pytest.fail("a document was made"))
    one = made("notes", lambda doc: [Note.at(doc[:1])], requires=["companies"], when=lambda text: "Intel" in text)
    (found,) = read(one)
    assert (found.skipped, found.records, found.error) == (True, (), None)

    def broken(text: str) -> bool:
        raise LookupError("in when")

    (failed,) = read(made("others", lambda doc: [], when=broken))
    assert not failed.skipped
    assert "LookupError: in when" in str(failed.error)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda doc: 1 / 0, "ZeroDivisionError"),
        (lambda doc: [Note(start=0, end=10**6)], "the text ends at 40"),
        (lambda doc: [3], "gave a int"),
        (lambda doc: Note(start=5, end=5), "the evidence is empty"),
        (lambda doc: time.sleep(60), "it took more than 0.2 s on this article"),
        (lambda doc: ["a" * 10**9], "it took more than 200 MB on this article"),
    ],
)
def test_its_failure_costs_its_own_records_and_those_that_rest_on_them(
    function: Callable[[Any], Any], told: str
) -> None:
    using = [registry.get("money"), made("notes", function), made("resting", lambda doc: [], requires=["notes"])]
    money, failed, resting = read(*using, limits=Limits(0.2, 200))
    assert told in str(failed.error)
    assert failed.records == ()
    assert len(money.records) == 1
    assert resting.error == "not run, because notes failed on this article"


def test_its_own_time_counts_for_more_than_the_settings() -> None:
    (found,) = read(made("notes", lambda doc: time.sleep(0.3) or [], seconds=20), limits=Limits(0.1, 0))
    assert found.error is None


def test_find_runs_it_with_all_that_it_requires() -> None:
    made("notes", lambda doc: [Note.at(span) for span in doc.spans["money"]], requires=["money"])
    assert [(one.start, one.end) for one in dealwire.find("notes", TEXT)] == [(19, 29)]
    made("broken", lambda doc: 1 / 0)
    with pytest.raises(ExtractorFailed, match="ZeroDivisionError"):
        dealwire.find("broken", TEXT)


@pytest.fixture
def component() -> str:
    """The name of a component that says what it has seen."""
    name = "test_seen"
    if not Language.has_factory(name):

        @Language.component(name)
        def seen(doc: Doc) -> Doc:
            found = doc.spans.get("companies", [])
            doc.user_data["seen"] = [span.text for span in found]
            if "Quorfle" in doc.text:
                at = next(token.i for token in doc if token.text == "Quorfle")
                doc.ents = [Span(doc, at, at + 1, "ORG")]
            return doc

    return name


def test_a_component_works_before_ours_or_after(component: str) -> None:
    def find(doc: Doc) -> list[Note]:
        return [Note.at(doc[:1], known=tuple(doc.user_data["seen"]))]

    one = made("notes", find)
    for place, known in (("before", ()), ("after", ("Nvidia", "Oracle"))):
        (found,) = read(one, components=[Component(factory=component, place=place)])  # type: ignore[arg-type]
        assert found.records[0].known == known  # type: ignore[attr-defined]


def test_what_a_component_before_ours_takes_for_an_organisation_may_be_a_company(component: str) -> None:
    text = "Nvidia spoke with Quorfle yesterday."
    for components, names in (([], {"Nvidia"}), ([Component(factory=component)], {"Nvidia", "Quorfle"})):
        (found,) = read(registry.get("companies"), text=text, components=components)
        assert {text[one.start : one.end] for one in found.records} == names


def test_a_component_that_is_not_there_is_told() -> None:
    with pytest.raises(ComponentUnusable, match="spaCy knows no factory of this name"):
        nlp.pipeline("", [Component(factory="nowhere")])
    with pytest.raises(ComponentUnusable, match="its source 'en_nowhere': it is not installed"):
        nlp.afterwards("", [Component(factory="ner", source="en_nowhere", place="after")])


def test_the_public_names_need_no_heavy_import() -> None:
    assert importlib.util.find_spec("dealwire")
    assert set(dealwire.__all__) == {"Record", "__version__", "extractor", "find", "records"}
