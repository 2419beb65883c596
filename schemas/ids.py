"""Ids: content hashes and slugs, the same on every machine and in every order of arrival."""

import hashlib
import re
import unicodedata


def content_id(*parts: object) -> str:
    """Sixteen hexadecimal digits that depend on the parts alone."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def slug(name: str) -> str:
    """A readable id: "Moët & Chandon" is `moet-and-chandon`, "C3.ai" is `c3-ai`."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("+", " plus "))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return re.sub(r"[^\w]+", "-", plain).strip("-") or content_id(name)
