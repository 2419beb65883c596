"""HTML fragments as plain text, for summaries and contents that feeds carry.

A feed of a day has thousands of them, so they are cut at their tags in linear time; no tree is built.
"""

import re
from html import unescape

_BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "ul"}
# What stands inside these is not for readers. Without an end, the rest of the fragment is inside.
_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<silent>script|style|noscript|template|svg|head)\b[^>]*>"
    r".*?(?:</(?P=silent)\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)|[!?/]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_GAPS = re.compile(r"\n{3,}")


def plain_text(markup: str) -> str:
    """The readable text, a blank line between blocks; text without tags comes back as it is."""
    if "<" not in markup:
        return tidy(unescape(markup) if "&" in markup else markup)
    # Line ends inside a block are mere spaces in HTML.
    plain = markup.replace("<![CDATA[", "").replace("]]>", "") if "]]>" in markup else markup
    first, *parts = _UNREAD.sub("", plain).replace("\n", " ").replace("\r", " ").split("<")
    kept = [first]
    for part in parts:
        tag, closed, rest = part.partition(">")
        named = _NAME.match(part)
        if not named or not closed:
            kept.append("<" + part)
            continue
        if tag.count('"') % 2 or tag.count("'") % 2:
            # A ">" inside a quoted attribute; an apostrophe that opens nothing is followed by no second one.
            _, again, behind = rest.partition(">")
            rest = behind if again and ('"' in rest or "'" in rest) else rest
        if named[1] and named[1].lower() in _BLOCKS:
            kept.append("\n")
        kept.append(rest)
    text = "".join(kept)
    return tidy(unescape(text) if "&" in text else text)


def tidy(text: str) -> str:
    """Text without control characters and lone surrogates, runs of spaces and more than one blank line."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    found = "\n".join(lines)
    return (_GAPS.sub("\n\n", found) if "\n\n\n" in found else found).strip()
