"""AI models by their names: members of the families of the catalogue, unseen versions included."""

import re

from extractors.catalog import Family, model_families, of_catalogue
from extractors.names import Found, Matcher, whole_words
from extractors.resolve import company_names

# What must be named somewhere in the text before the bare name counts.
_TALK = {
    "gemini": ("Google", "DeepMind", "Alphabet", "Claude", "GPT"),
    "llama": ("Llama",),
    "deepseek": ("DeepSeek",),
    "moonshot": ("Moonshot", "Kimi"),
    "minimax": ("MiniMax",),
    "novaamazon": ("Amazon", "AWS"),
    "flux": ("Black Forest Labs", "BFL", "image"),
    "adobe": ("Adobe",),
    "granite": ("IBM", "watsonx"),
    "tii": ("TII", "Technology Innovation Institute"),
    "perplexity": ("Perplexity",),
    "cursor": ("Cursor", "Anysphere"),
    "figureai": ("Figure",),
    "deepgram": ("Deepgram",),
    "worldlabs": ("World Labs",),
}
# A product that bears the model's name ("Claude Code", "Gemini Enterprise") is no model.
_PRODUCT = re.compile(
    r" (?:Code(?! Fast)|Enterprise|Desktop|Team|Cowork|Agent|Agents|CLI"
    r"|Live|Trust|Store|Studio|Workspace|for [A-Z]"
    r"|Business|[Aa]pps?\b|API|Builder|Gov|Assist|Max plan|Marketplace"
    r"|Partner|Space|Capital|Ventures|Labs|Lake|Spaces|Hub)"
    r"|\.(?:ai|com)\b"
)
_CAPITALISED = re.compile(r" [A-Z][a-z]+")


def find(text: str) -> list[Found]:
    """The models in `text`, none overlapping."""
    named: dict[str, bool] = {}

    def accepts(family: Family, start: int, end: int) -> bool:
        needs = family.needs
        if _PRODUCT.match(text, end):
            return False
        if not needs or (needs == "gemini" and any(c.isdigit() for c in text[start:end])):
            return True
        if needs == "notchat":
            return text[start - 1 : start] != "-"
        if needs == "modelctx":
            return True
        if needs not in named and needs not in ("vendor", "claude"):
            named[needs] = whole_words(frozenset(_TALK[needs])).search(text) is not None
        if needs == "claude":
            return end - start > len("Claude") or not _CAPITALISED.match(text, end) or "Anthropic" in text
        if needs == "vendor":
            owner = family.owner
            if owner not in named:
                names = frozenset({*company_names(owner), family.family})
                named[owner] = whole_words(names).search(text) is not None
            return named[owner]
        return named[needs]

    return _matcher().find(text, accepts)


@of_catalogue
def _matcher() -> Matcher:
    return Matcher(model_families(), plural=False)
