"""When two ways to write a word or a name are one: misspelt, or another form of the same words.

Likeness alone is no reason to join two names (Fish and Fishr are two methods): who asks has other evidence first.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from kgraph.link.normal_form import fold

SHARED_BEGINNING: Final = 0.6
"""The share of the longer word that two forms of one word begin with: convolution(al), supervis(ed, ion)."""

ALIKE: Final = 0.96
"""How alike (difflib's ratio) two names must be whose words are parted differently."""


def are_variants(words: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether two names are made of the same words in the same order, but for an error or another form of one."""
    one, other = fold(words), fold(others)
    if one == other:
        return True
    if len(words) != len(others):
        return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
    return all(a == b or _is_form(a, b) for a, b in zip(words, others, strict=True))


def is_slip(word: str, other: str) -> bool:
    """Tell whether a letter is left out, put in, or stands before its neighbour, and not at the end that inflects."""
    begin, end = _shared_ends(word, other)
    left, right = (text[begin : len(text) - end] for text in sorted((word, other), key=len))
    return begin > 0 and end > 1 and ((len(left), len(right)) == (0, 1) or (len(right) == 2 and left == right[::-1]))


def _is_one_edit(word: str, other: str) -> bool:
    return max(len(word), len(other)) - sum(_shared_ends(word, other)) <= 1 or is_slip(word, other)


def _shared_ends(word: str, other: str) -> tuple[int, int]:
    """Return how many letters both words begin with, and how many of the rest they end with."""
    begin = _shared_beginning(word, other)
    return begin, _shared_beginning(word[begin:][::-1], other[begin:][::-1])


def _shared_beginning(word: str, other: str) -> int:
    pairs = zip(word, other, strict=False)
    return next((at for at, (one, two) in enumerate(pairs) if one != two), min(len(word), len(other)))


def _is_form(word: str, other: str) -> bool:
    if not (word.isalpha() and other.isalpha()):
        return False
    longer = max(len(word), len(other))
    beginning = _shared_beginning(word, other)
    mistyped = beginning > 0 and min(len(word), len(other)) > 3 and _is_one_edit(word, other)
    return mistyped or (beginning > 3 and beginning >= SHARED_BEGINNING * longer)
