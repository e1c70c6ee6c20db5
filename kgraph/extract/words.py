"""Words as the extraction counts them: found in the text itself, so that they do not depend on a tokenizer.

In: a text. Out: its words with their offsets, and the forms under which two spellings of a word or a name are one.

| text | a word here | why |
| --- | --- | --- |
| `k-NN`, `GPT-3.5`, `d'Alembert`, `C++` | one word | hyphens, dots before digits and signs belong to names |
| `BERT-based` | `BERT`, `-based` | what stands before such an ending is a term of its own |
| `,` `(` `%` | one word each | they part candidates, and tell where a term stands |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[^\W_](?:\w|[-‐‑–'’*&@^+](?=\w)|\.(?=\d))*[+*]*|[^\w\s]|_")
_ENDING = re.compile(
    r"(?<=\w)-(?:based|driven|guided|powered|style|like|aware|free|enhanced|augmented|assisted|inspired|generated|"
    r"specific|centric|oriented|enabled|level|agnostic|induced|trained|tuned|only|type|related|informed)$"
)
_PLURAL = re.compile(r"(?<=\w{3})(?<!s)s$")
_APART = re.compile(r"[^\w+*^]+")
_TOKEN = re.compile(r"\w[\w'-]*|[^\w\s]")


class Word(NamedTuple):
    """A word or a punctuation mark, with its offsets; `key` is its lower-case singular form."""

    text: str
    start: int
    end: int
    lower: str
    key: str
    glued: bool
    """Whether only spaces stand between the word before and this one (not so for the first of the text)."""


def find_words(text: str, title_end: int = -1) -> list[Word]:
    """Split a text into words and punctuation marks; the end of the title parts words like a full stop."""
    words: list[Word] = []
    for start, end in _pieces(text):
        piece = text[start:end]
        lower = piece.lower()
        glued = bool(words) and not words[-1].end <= title_end < start
        words.append(Word(piece, start, end, lower, _singular(lower), glued))
    return words


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for found in _WORD.finditer(text):
        start, end = found.span()
        ending = _ENDING.search(found[0]) if "-" in found[0] else None
        if ending:
            yield start, start + ending.start()
            start += ending.start()
        yield start, end


def is_word(word: Word) -> bool:
    """Tell a word from a punctuation mark; an ending such as "-based" is a word."""
    return word.text[0].isalnum() or len(word.text) > 1


def key_of(words: list[Word]) -> str:
    """The form under which the places of one name are gathered."""
    return " ".join([word.key for word in words])


@lru_cache(maxsize=1 << 15)
def _singular(lower: str) -> str:
    return _PLURAL.sub("", lower)


@lru_cache(maxsize=1 << 14)
def normal_form(surface: str) -> str:
    """Fold case, hyphens, spaces and a plural s: what two surfaces of one name have in common.

    >>> normal_form("Graph Neural Networks") == normal_form("graph-neural network")
    True
    """
    parts = _APART.sub(" ", surface.casefold().replace("’", "'")).split()
    return "".join(map(_singular, parts))


@lru_cache(maxsize=1 << 12)
def lower_tokens(text: str) -> tuple[str, ...]:
    """The words and punctuation marks of the text around a mention, in lower case and without offsets."""
    return tuple(token.lower() for token in _TOKEN.findall(text))


def title_end(text: str) -> int:
    """The offset of the line feed that ends the title (see `schema.Paper.text`); -1 in a text of one line."""
    return text.find("\n")
