"""What the rest of a text says of a number: whether `won`, `pounds` or `PHP` beside it are money there."""

import re
from functools import cached_property

# Words that mean something else beside a plain small number: `three won`, `5 pounds`.
_OTHER_SENSE = re.compile(r"won|pounds?|rand|dong|peso|reals?|lira|sterling", re.IGNORECASE)
# Codes that are other names as well: `PHP 8.4`, the `NIS 2` directive, `TRY 3`.
_OTHER_NAME = frozenset(["PHP", "NIS", "TRY", "SAR", "SR"])
_YEAR = re.compile(r"(?:19|20)\d\d")
_KOREAN = re.compile(r"₩|\bKRW\b|Korea|Seoul|Samsung|Hynix|[\d\s](?:[mb]|tr)illion won\b")
_BRITISH = re.compile(r"£|\bGBP\b|[Ss]terling|Brit(?:ain|ish)|\bUK\b|\bU\.K\.|London|[mb]illion pounds\b|\bpence\b")
_WEIGHS = re.compile(r"\b(?:weigh\w*|weights?\s+of|payload\s+of|thrust\s+of)\b[^.;]{0,30}$", re.IGNORECASE)
_YUAN = re.compile(r"\b(?:yuan|renminbi|RMB|Rmb|CNY)\b")
_YEN = re.compile(r"\byen\b|\bJPY\b|Japan|Tokyo")
_SCREEN = re.compile(r"resolution|video|camera|webcam|film|monitor|screen|display|stream|\bHD\b", re.IGNORECASE)
_HEIGHTS = frozenset(["240", "360", "480", "540", "720", "1080", "1440", "2160", "4320"])


class Context:
    """A text and what it is about; each question is looked up once, when first asked."""

    def __init__(self, text: str) -> None:
        self.text = text

    def is_other_sense(self, match: "re.Match[str]", number: str) -> bool:
        """Whether a number without a scale stands before a word that is no currency there, or is a year.

        `three won`, `weighs 3,000 pounds`, `in 2022 dollars`.
        """
        word, at = match["word"].lower(), match.start()
        if _YEAR.fullmatch(number) and word == "dollars" and self.text[match.start("word") - 1] == " ":
            return True
        if not _OTHER_SENSE.fullmatch(word):
            return False
        if word.startswith("pound"):
            hyphened = self.text[match.start("word") - 1] == "-"
            if _WEIGHS.search(self.text, max(0, at - 50), at) or (hyphened and not self._british):
                return True
            if "£" in self.text:
                return False
        if number[0].isalpha() or len(number.split(".")[0]) < 4:
            return True
        return word == "won" and not self._korean

    def is_other_name(self, sign: str, number: str) -> bool:
        """Whether a code before a small number without a scale is another name: `PHP 8.4`."""
        return sign in _OTHER_NAME and len(number.split(".")[0]) < 4

    def is_picture_height(self, number: str) -> bool:
        """Whether `1080` before a `p` counts lines of a picture."""
        return number in _HEIGHTS and self._screens

    @cached_property
    def means_yuan(self) -> bool:
        """Whether ¥ is the yuan's sign here; without a word of it, it is the yen's."""
        return _YUAN.search(self.text) is not None and _YEN.search(self.text) is None

    @cached_property
    def _korean(self) -> bool:
        return _KOREAN.search(self.text) is not None

    @cached_property
    def _british(self) -> bool:
        return _BRITISH.search(self.text) is not None

    @cached_property
    def _screens(self) -> bool:
        return _SCREEN.search(self.text) is not None
