"""Words as the extraction counts them: found in the text itself, so that they do not depend on a tokenizer."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"[^\W_](?:\w|[-‐‑–'’*&@^+](?=\w)|\.(?=\d))*[+*]*|[^\w\s]|_")
# "BERT-based", "graph-driven": what stands before such an ending is a term of its own.
_ENDING = re.compile(
    r"(?<=\w)-(?:based|driven|guided|powered|style|like|aware|free|enhanced|augmented|assisted|inspired|generated|"
    r"specific|centric|oriented|enabled|level|agnostic|induced|trained|tuned|only|type|related|informed)$"
)
_PLURAL = re.compile(r"(?<=\w{3})(?<!s)s$")
_APART = re.compile(r"[^\w+*^]+")


class Word(NamedTuple):
    """A word or a punctuation mark, with its offsets; `key` is its lower-case singular form."""

    text: str
    start: int
    end: int
    lower: str
    key: str
    glued: bool
    """Whether only spaces (or nothing) stand between the word before and this one."""


def find_words(text: str, title_end: int = -1) -> list[Word]:
    """Split a text into words and punctuation marks; the end of the title parts words like a full stop."""
    words: list[Word] = []
    for found in _WORD.finditer(text):
        start, end = found.span()
        cut = _ENDING.search(found[0])
        parts = [(start, end)] if cut is None else [(start, start + cut.start()), (start + cut.start(), end)]
        for first, last in parts:
            piece = text[first:last]
            lower = piece.lower()
            glued = bool(words) and not words[-1].end <= title_end < first
            words.append(Word(piece, first, last, lower, _PLURAL.sub("", lower), glued))
    return words


def is_word(word: Word) -> bool:
    """Tell a word from a punctuation mark; an ending such as "-based" is a word."""
    return word.text[0].isalnum() or len(word.text) > 1


def normal_form(surface: str) -> str:
    """Fold case, hyphens, spaces and a plural s: what two surfaces of one name have in common.

    >>> normal_form("Graph Neural Networks") == normal_form("graph-neural network")
    True
    """
    parts = _APART.sub(" ", surface.casefold().replace("’", "'")).split()
    return "".join(_PLURAL.sub("", part) for part in parts)


def title_end(text: str) -> int:
    """The offset of the line feed that ends the title (see `schema.Paper.text`); -1 in a text of one line."""
    return text.find("\n")
