"""What two spellings of one name have in common: the words, without case, hyphens, possessive, or a plural."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from kgraph.link.spelling import one_spelling

NAMES: Final = 1 << 20
"""How many names to keep the forms of: those of 50,000 papers are looked at many times, and take 200 MB."""

_POSSESSIVE = re.compile(r"'s\b|(?<=s)'(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?[+#*]*")
_BRACKET = re.compile(r"(?<=\S)\s*\(([^\s()]{2,10})\)")
_BETWEEN_WORDS = re.compile(r"(?<!\d) | (?!\d)")
_PLURAL_OF_CAPITALS = re.compile(r"(.*[A-Z0-9])s")
_PLURAL = re.compile(r"(?=.*[A-Z])(\S+[^s\W])s")
_NO_PLURAL = re.compile(
    r".{,3}|.*(?:ss|us|is)|(?!metrics|topics|heuristics|critics|clinics|lyrics|logics).*ics"
    r"|bias|alias|atlas|canvas|pandas|chaos|cosmos|series|species|lens|news|bayes|stokes|navier-stokes|flores"
)
_IRREGULAR: Final = {
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
_ENDINGS: Final = (
    (re.compile(r"(ch|sh|ss|x|zz)es$"), r"\1"),
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"s$"), ""),
)


@lru_cache(maxsize=NAMES)
def normal_form(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and singular: ("graph", "neural", "network") for Graph-Neural Networks.

    Signs that tell names apart (C++, A*, C#) stay with their word, and so does a capital S at the end (VITS is not
    ViT), but for a name of several words in capitals. A short form in brackets behind its words is left out; accents,
    Greek letters and British spellings become plain and American. Never empty: a name without words is its own form.
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name).replace("’", "'")
    if "'" in plain:
        plain = _POSSESSIVE.sub("", plain)
    if "(" in plain:
        plain = _without_short_form(plain)
    found = _WORD.findall(plain)
    shouted = len(found) > 1 and plain.isupper()
    words = tuple([_word(word.lower() if shouted else word) for word in found])
    return words or (plain.strip().casefold() or name,)


@lru_cache(maxsize=NAMES)
def folded(name: str) -> str:
    """Return the normal form in one piece, so that "fine-tuning" is "finetuning"; digits of two words stay apart."""
    return fold(normal_form(name))


def fold(words: Iterable[str]) -> str:
    """Join words of a normal form as `folded` does."""
    return _BETWEEN_WORDS.sub("", " ".join(words))


@lru_cache(maxsize=NAMES)
def short_form(name: str) -> str:
    """Return an abbreviation without the s of its plural: LLM for LLMs, ResNet for ResNets."""
    plural = _PLURAL.fullmatch(name)
    return plural[1] if plural else name


def is_plural(name: str) -> bool:
    """Tell whether the last word of a name is a plural."""
    found = _WORD.findall(name)
    return bool(found) and found[-1].endswith("s") and _singular(found[-1]) != found[-1].casefold()


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> str:
    return one_spelling(_singular(word))


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


def _without_short_form(name: str) -> str:
    """Leave out brackets that hold the initials of the words before them: out-of-distribution (OOD) detection."""

    def replaced(bracket: re.Match[str]) -> str:
        letters = iter(name[: bracket.start()].casefold())
        short = [letter for letter in short_form(bracket[1]).casefold() if letter.isalnum()]
        fits = all(letter in letters for letter in short) and any(letter.isupper() for letter in bracket[1])
        return " " if fits else bracket[0]

    return _BRACKET.sub(replaced, name)
