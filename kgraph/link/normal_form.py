"""What two spellings of one name have in common: the words, without case, hyphens, possessive, or a plural."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_POSSESSIVE = re.compile(r"'s\b|(?<=s)'(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?[+#*]*")
_PLURAL_OF_CAPITALS = re.compile(r"(.*[A-Z0-9])s")
_PLURAL = re.compile(r"(?=.*[A-Z])(\S+[^s\W])s")
_NO_PLURAL = re.compile(
    r".{,3}|.*(?:ss|us|is)|(?!metrics|topics|heuristics|critics|clinics|lyrics|logics).*ics"
    r"|bias|alias|atlas|canvas|pandas|chaos|cosmos|series|species|lens|news|bayes|stokes|navier-stokes|flores"
)
_IRREGULAR = {
    "analyses": "analysis",
    "appendices": "appendix",
    "biases": "bias",
    "caches": "cache",
    "cookies": "cookie",
    "corpora": "corpus",
    "hypotheses": "hypothesis",
    "indices": "index",
    "matrices": "matrix",
    "movies": "movie",
    "niches": "niche",
    "vertices": "vertex",
}
# The first ending that fits is changed.
_ENDINGS = (
    (re.compile(r"(ch|sh|ss|x|zz)es$"), r"\1"),
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"s$"), ""),
)


@lru_cache(maxsize=1 << 16)
def normal_form(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and singular: ("graph", "neural", "network") for Graph-Neural Networks.

    Signs that tell names apart (C++, A*, C#) stay with their word, and so does a capital S at the end (VITS is not
    ViT), but for a name of several words in capitals. Never empty: a name without words is its own form.
    """
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", name).replace("’", "'"))
    found = _WORD.findall(plain)
    shouted = len(found) > 1 and plain.isupper()
    words = tuple(_singular(word.lower() if shouted else word) for word in found)
    return words or (plain.strip().casefold() or name,)


def folded(name: str) -> str:
    """Return the normal form in one piece, so that "fine-tuning" is "finetuning"; digits of two words stay apart."""
    joined = " ".join(normal_form(name))
    return re.sub(r"(?<!\d) | (?!\d)", "", joined)


def short_form(name: str) -> str:
    """Return an abbreviation without the s of its plural: LLM for LLMs, ResNet for ResNets."""
    plural = _PLURAL.fullmatch(name)
    return plural[1] if plural else name


def _singular(word: str) -> str:
    if len(word) > 2 and (plural := _PLURAL_OF_CAPITALS.fullmatch(word)):
        return plural[1].casefold()
    lower = word.casefold()
    if word.endswith("S") or _NO_PLURAL.fullmatch(lower):
        return lower
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    for ending, replacement in _ENDINGS:
        if ending.search(lower):
            return ending.sub(replacement, lower)
    return lower
