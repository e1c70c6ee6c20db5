"""`kgraph_abbreviations`: short forms and the long forms that a text gives for them.

In: a doc. Out: `doc._.abbreviations`, a list of `Definition`, one for each short form.

| text | definition |
| --- | --- |
| `a graph neural network (GNN)` | GNN, graph neural network |
| `GNN (graph neural network)` | the same |
| `graph neural networks (GNNs, for short)` | GNNs, graph neural networks |

After A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text",
PSB 2003: from right to left, each letter of the short form must occur in the words beside the bracket, and its first
letter must begin a word. Added: the order "short (long)", plural short forms, and that words whose initials are just
the short form come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.spans import text_of

_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,120})[)\]]")
_QUOTES = " \"'“”"
_SHORT = re.compile(r"[^\W_][\w.&/+*-]{0,13}[+*]*(?: [\w-]{1,6})?$")
_PIECE = re.compile(r"\S+")
_CLAUSE = re.compile(r".*[.;:!?)\]]\s|.*\n", re.DOTALL)
_WINDOW = 150
"""How many characters before a bracket the long form is looked for in."""
_NO_LONG_START = frozenset({
    "a", "an", "the", "of", "and", "or", "for", "in", "on", "with", "by", "to", "from", "we", "our", "called",
    "named", "termed", "dubbed", "via", "as",
})  # fmt: skip


class Definition(NamedTuple):
    """A short form and its long form, with the offsets of both."""

    short: str
    long: str
    short_start: int
    short_end: int
    long_start: int
    long_end: int


def find_abbreviations(text: str) -> list[Definition]:
    """Find the definitions of a text, in their order; one for each short form."""
    found: dict[str, Definition] = {}
    for bracket in _BRACKET.finditer(text):
        for definition in _definitions(text, bracket):
            found.setdefault(definition.short, definition)
    return list(found.values())


def _definitions(text: str, bracket: re.Match[str]) -> Iterator[Definition]:
    inside = re.split(r"[;,]", bracket[1])[0].strip(_QUOTES)
    if _is_short(inside):
        yield from _long_before(text, bracket.start(), inside, text.index(inside, bracket.start(1)))
    else:
        yield from _short_before(text, bracket)


def _is_short(form: str) -> bool:
    return bool(_SHORT.match(form)) and any(c.isupper() for c in form) and not form.isdigit()


def _long_before(text: str, border: int, short: str, short_start: int) -> Iterator[Definition]:
    """ "long (short)": the bracket opens at `border`."""
    offset = max(0, border - _WINDOW)
    left = text[offset:border].rstrip(_QUOTES)
    clause = _CLAUSE.match(left)
    pieces = list(_PIECE.finditer(left, clause.end() if clause else 0))[-_most_words(short) :]
    if pieces:
        first = pieces[0].start()
        begin = match_long_form(short, left[first:])
        if begin is not None:
            start, end = offset + first + begin, offset + len(left)
            yield Definition(short, text[start:end], short_start, short_start + len(short), start, end)


def _short_before(text: str, bracket: re.Match[str]) -> Iterator[Definition]:
    """ "short (long)": the long form must fill the bracket."""
    before = re.search(r"(\S{2,})\s$", text[: bracket.start()][-40:])
    long = bracket[1].strip(_QUOTES)
    if not before or not _is_short(before[1]) or before[1].lower() in long.lower().split():
        return
    if match_long_form(before[1], long) == 0 and " " in long.replace("-", " "):
        end = bracket.start() - 1
        start = text.index(long, bracket.start(1))
        yield Definition(before[1], long, end - len(before[1]), end, start, start + len(long))


def _most_words(short: str) -> int:
    """How many words a long form has at most, by Schwartz and Hearst."""
    letters = sum(c.isalnum() for c in short)
    return min(letters + 5, letters * 2)


def match_long_form(short: str, text: str) -> int | None:
    """Where in `text` the long form of `short` begins (it ends where `text` ends); None where there is none.

    The characters of the short form are looked for from right to left; the first must begin a word.
    """
    forms = [short[:-1], short] if len(short) > 2 and short.endswith("s") and short[-2].isupper() else [short]
    for form in forms:
        letters = [c for c in form.lower() if c.isalnum()]
        begin = _by_initials(letters, text.lower())
        if begin is None:
            begin = _best_match(letters, text.lower())
        if begin is not None and _is_long(text[begin:], form):
            return begin
    return None


def _by_initials(letters: list[str], text: str) -> int | None:
    """The last words, where the letters are just their initials; else the "p" in "optimization" would do for PPO."""
    words = list(re.finditer(r"[^\W_]+", text))[-len(letters) :]
    return words[0].start() if letters and [word[0][0] for word in words] == letters else None


def _best_match(letters: list[str], text: str) -> int | None:
    """Look for the letters from right to left; only the first has to begin a word."""
    at = len(text)
    for i, letter in reversed(list(enumerate(letters))):
        at -= 1
        while at >= 0 and (text[at] != letter or (i == 0 and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    return at


def _is_long(long: str, short: str) -> bool:
    words = long.split()
    if not words or words[0].lower() in _NO_LONG_START or short.lower() in (w.lower() for w in words):
        return False
    return len(long) > len(short) and len(long.replace("-", " ").split()) <= _most_words(short)


def _pairs(doc: Doc) -> list[Definition]:
    return [Definition(*row) for row in doc.user_data.get("kgraph_abbreviations", ())]


Doc.set_extension("abbreviations", getter=_pairs, force=True)


@Language.component("kgraph_abbreviations", assigns=["doc._.abbreviations"])
def mark_abbreviations(doc: Doc) -> Doc:
    """Find the abbreviations of a doc."""
    # Plain lists: spaCy sends docs between processes as msgpack, which knows no classes.
    doc.user_data["kgraph_abbreviations"] = [list(pair) for pair in find_abbreviations(text_of(doc))]
    return doc
