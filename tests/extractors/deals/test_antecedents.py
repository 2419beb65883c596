"""Whom pronouns and epithets mean, as the encoder is told."""

import tomllib
from importlib.resources import files

from extractors.deals import typed_sentences
from extractors.deals.antecedents import FEATURES, KINDS, Article, meant
from extractors.nlp import pipeline
from extractors.run import sentences
from schemas.ids import slug
from schemas.mention import CompanyMention


def words(text: str, *names: str) -> dict[str, str]:
    """The words of a text that stand for companies, and whom they mean; names stand wherever the text has them."""
    found = []
    for name in names:
        at = text.find(name)
        while at >= 0:
            found.append(CompanyMention(start=at, end=at + len(name), company_id=slug(name), name=name, known=True))
            at = text.find(name, at + 1)
    found.sort(key=lambda one: one.start)
    doc = pipeline()(text)
    doc.user_data["dealwire"] = {"companies": tuple(found), "money": (), "capacity": (), "chips": (), "models": ()}
    scenes = [scene for scene, _, _ in typed_sentences(doc)]
    article = Article(text, sentences(doc), found)
    return {text[start:end]: "+".join(who) for start, end, who in meant(article, scenes)}


def test_who_is_said_to_speak_is_it() -> None:
    assert words("Acme rises\n\nAcme is growing. Bolt said it will buy a factory.", "Acme", "Bolt")["it"] == "Bolt"


def test_the_company_that_an_article_is_about_is_it_where_another_is_dealt_with() -> None:
    text = (
        "Acme posts record profit\n\nAcme, a maker of pumps, earned more than ever last year. It has grown by "
        "purchases.\n\nIts rival Bolt sells valves. Last year it took over Corex for $2 billion."
    )
    assert words(text, "Acme", "Bolt", "Corex")["It"] == "Acme"


def test_nobody_deals_with_whoever_is_named_behind() -> None:
    text = "Acme and Bolt\n\nAcme lost Bolt as a customer. It now supplies Bolt again."
    assert words(text, "Acme", "Bolt")["It"] == "Acme"


def test_of_words_for_several_the_rules_alone_know() -> None:
    text = "Acme met Bolt. The two will work together, and they will share costs."
    found = words(text, "Acme", "Bolt")
    assert found["The two"] == "Acme+Bolt"
    assert found["they"].count("+") == 1


def test_where_nobody_is_named_before_nothing_is_known() -> None:
    text = "It rained. Acme bought Bolt."
    doc = pipeline()(text)
    doc.user_data["dealwire"] = {"companies": (), "money": (), "capacity": (), "chips": (), "models": ()}
    article = Article(text, sentences(doc), [])
    assert list(meant(article, [scene for scene, _, _ in typed_sentences(doc)])) == []


def test_each_sort_of_words_has_a_weight_for_each_fact() -> None:
    stored = tomllib.loads(files("extractors.deals").joinpath("antecedents.toml").read_text("utf-8"))
    assert {*stored} == {"any", *KINDS}
    assert all(tuple(table) == FEATURES for table in stored.values())
