"""A spaCy pipeline of the user's choice: its organisations count, ours stay."""

from pathlib import Path

import pytest
import spacy

from extractors import nlp, run
from schemas.errors import PipelineUnusable

TEXT = "Nvidia spoke with Quorfle Dynamic Reach yesterday. The Ministry of Silly Walks paid Oracle $5 million."


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """The folder of a pipeline that knows two organisations."""
    made = spacy.blank("en")
    patterns = [
        {"label": "ORG", "pattern": "Quorfle Dynamic Reach"},
        {"label": "ORG", "pattern": "Nvidia"},
        {"label": "GPE", "pattern": "Ministry of Silly Walks"},
    ]
    made.add_pipe("entity_ruler").add_patterns(patterns)
    made.to_disk(tmp_path / "orgs")
    return str(tmp_path / "orgs")


def companies(text: str, **how: object) -> list[tuple[str, str, bool]]:
    (outcomes,) = run.extract([text], **how)  # type: ignore[arg-type]
    assert not any(one.error for one in outcomes)
    found = next(one for one in outcomes if one.extractor.name == "companies")
    return [(text[one.start : one.end], one.name, one.known) for one in found.records]  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoder", [False, True])
def test_its_organisations_are_companies_beside_ours(pipeline: str, encoder: bool) -> None:
    without = companies(TEXT, encoder=encoder)
    found = companies(TEXT, encoder=encoder, spacy_pipeline=pipeline)
    assert {name for name, *_ in without} >= {"Nvidia", "Oracle"}
    assert {name for name, *_ in found} >= {"Nvidia", "Oracle"}
    # The encoder is told of the pipeline's finds and may draw other bounds.
    assert encoder or set(without) <= set(found)
    assert ("Quorfle Dynamic Reach", "Quorfle Dynamic Reach", False) in found or encoder
    assert found.count(("Nvidia", "NVIDIA", True)) == 1
    assert not any("Ministry" in name for name, *_ in found)


def test_offsets_and_sentences_stay_ours(pipeline: str) -> None:
    text = "🤝 Nvidia\n\nOracle Corp. paid $5 million to Quorfle Dynamic Reach. It said so."
    doc = nlp.pipeline(pipeline)(text)
    assert run.sentences(doc) == run.sentences(nlp.pipeline()(text))
    assert ("Quorfle Dynamic Reach", "Quorfle Dynamic Reach", False) in companies(
        text, encoder=False, spacy_pipeline=pipeline
    )


def test_one_that_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    with pytest.raises(PipelineUnusable, match="python -m spacy download en_core_nowhere_trf"):
        nlp.pipeline("en_core_nowhere_trf")


def test_a_folder_without_a_pipeline_is_told(tmp_path: Path) -> None:
    with pytest.raises(PipelineUnusable, match="no pipeline in this folder"):
        nlp.pipeline(str(tmp_path))


def test_a_pipeline_that_fails_on_a_text_costs_that_text(pipeline: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlp.pipeline(pipeline), "max_length", 50)
    short, long = run.extract(["Nvidia paid Oracle.", TEXT], spacy_pipeline=pipeline)
    assert not any(one.error for one in short)
    assert all("exceeds maximum" in (one.error or "") for one in long)
