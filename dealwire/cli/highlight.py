"""A page that shows texts with what was found in them: one file that needs nothing else and loads nothing."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from dealwire import drafts
from dealwire.wording import kind, money, sides
from extractors.nlp import readable

Document = Mapping[str, Any]
COLOURS = {"COMPANY": "#cfe3ff", "MONEY": "#cdeccd", "CHIP": "#ffd9b8", "MODEL": "#e6d6fb", "CAPACITY": "#fbe68c"}
_MARK = '<mark style="background:{bg}" title="{label}">{text}</mark>'
_STYLE = """body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif}
body{color:#1b1b1b;background:#fff}
h1{font-size:1.1rem;overflow-wrap:anywhere;border-top:1px solid #bbb;padding-top:1rem;margin-top:3rem}
mark{padding:.1em .2em;border-radius:.25em;color:inherit}
.entities{line-height:1.8!important;overflow-wrap:anywhere}
blockquote{margin:.3rem 0 1rem;padding:.3rem .8rem;border-left:.3rem solid #e0b400;background:#fff9e0}
.key mark{margin-right:.6rem}.quiet{color:#666}"""


def _key() -> str:
    return "".join(_MARK.format(bg=colour, label=label, text=label.lower()) for label, colour in COLOURS.items())


# The policy holds even if a text should ever get through unescaped: no script runs and nothing is fetched.
HEAD = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>dealwire</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<p class="key">{_key()}</p>
"""
TAIL = "</body></html>\n"


def write(path: Path, documents: Iterable[Document]) -> None:
    """Write a page of documents, whole or not at all. Raises `InvalidInput`."""
    with drafts.whole(path) as part, part.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for one in documents:
            file.write(article(one))
        file.write(TAIL)


def article(document: Document) -> str:
    """One document as `dealwire extract` writes it: its text with the mentions marked, and its deals below."""
    text = readable(document["text"])
    parts = [f"<h1>{escape(readable(str(document['id'])))}</h1>", _marked(text, document["mentions"])]
    if document["deals"]:
        parts.append("<h2>Deals</h2><ul>")
        parts += [f"<li>{_deal(one, text, document['mentions'])}</li>" for one in document["deals"]]
        parts.append("</ul>")
    else:
        parts.append('<p class="quiet">No deal.</p>')
    for name, records in document.get("records", {}).items():
        if records:
            parts.append(f"<h2>{escape(name)}</h2><ul>")
            parts += [f"<li>{_record(one, text)}</li>" for one in records]
            parts.append("</ul>")
    return "\n".join(parts) + "\n"


def _record(record: Document, text: str) -> str:
    fields = ", ".join(f"{name} {value}" for name, value in record.items() if name not in ("start", "end"))
    quoted = escape(text[record["start"] : record["end"]])
    return f"<strong>{escape(readable(fields))}</strong><blockquote>{quoted}</blockquote>"


def _deal(deal: Document, text: str, mentions: Sequence[Document]) -> str:
    amounts = [money(deal["currency"], deal["min"], deal["max"])]
    if deal["capacity_mw"] is not None:
        amounts.append(f"{deal['capacity_mw']:g} MW")
    what = " ".join(filter(None, [kind(deal["kind"]), *amounts]))
    told = f"<strong>{escape(sides(deal))}</strong>: {escape(what)}, {escape(deal['status'])}"
    sure = f' <span class="quiet">(confidence {deal["confidence"]:g})</span>'
    start, end = deal["evidence"]
    inside = [
        {**one, "start": one["start"] - start, "end": one["end"] - start}
        for one in mentions
        if start <= one["start"] and one["end"] <= end
    ]
    return f"{told}{sure}<blockquote>{_marked(text[start:end], inside)}</blockquote>"


def _marked(text: str, mentions: Iterable[Document]) -> str:
    from spacy import displacy

    entities: list[dict[str, Any]] = []
    for one in sorted(mentions, key=lambda one: (one["start"], one["end"])):
        # displaCy prints what overlaps twice.
        if not entities or one["start"] >= entities[-1]["end"]:
            entities.append({name: one[name] for name in ("start", "end", "label")})
    given = {"text": text, "ents": entities}
    options = {"colors": COLOURS, "template": _MARK}
    found: str = displacy.render([given], style="ent", manual=True, options=options, jupyter=False)
    return found
