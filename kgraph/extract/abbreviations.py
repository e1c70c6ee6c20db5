"""`kgraph_abbreviations`: short forms and the long forms that a text gives for them.

After A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text",
PSB 2003; also in the order "short (long)", and for plural short forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,120})[)\]]")
_SHORT = re.compile(r"[^\W_][\w.&/+*-]{0,13}[+*]*(?: [\w-]{1,6})?$")
_PIECE = re.compile(r"\S+")
_CLAUSE = re.compile(r".*[.;:!?)\]]\s|.*\n", re.DOTALL)
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
    inside = re.split(r"[;,]", bracket[1])[0].strip(" \"'“”")
    start = text.index(inside, bracket.start(1)) if inside else 0
    if _is_short(inside):
        yield from _long_before(text, bracket.start(), inside, start)
    else:
        yield from _short_before(text, bracket)


def _is_short(form: str) -> bool:
    return bool(_SHORT.match(form)) and any(c.isupper() for c in form) and not form.isdigit()


def _long_before(text: str, border: int, short: str, short_start: int) -> Iterator[Definition]:
    left = text[max(0, border - 150) : border].rstrip(" \"'“”")
    offset = max(0, border - 150)
    clause = _CLAUSE.match(left)
    pieces = list(_PIECE.finditer(left, clause.end() if clause else 0))
    letters = sum(c.isalnum() for c in short)
    window = pieces[-min(letters + 5, letters * 2) :]
    if window:
        begin = match_long_form(short, left[window[0].start() :])
        if begin is not None:
            begin += window[0].start()
            yield Definition(
                short, left[begin:], short_start, short_start + len(short), offset + begin, offset + len(left)
            )


def _short_before(text: str, bracket: re.Match[str]) -> Iterator[Definition]:
    before = re.search(r"(\S{2,})\s$", text[: bracket.start()][-40:])
    long = bracket[1].strip(" \"'“”")
    if not before or not _is_short(before[1]) or before[1].lower() in long.lower().split():
        return
    if match_long_form(before[1], long) == 0 and " " in long.replace("-", " "):
        end = bracket.start() - 1
        start = text.index(long, bracket.start(1))
        yield Definition(before[1], long, end - len(before[1]), end, start, start + len(long))


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
    letters = sum(c.isalnum() for c in short)
    return len(long) > len(short) and len(long.replace("-", " ").split()) <= min(letters + 5, letters * 2)


def _pairs(doc: Doc) -> list[Definition]:
    return [Definition(*row) for row in doc.user_data.get("kgraph_abbreviations", ())]


def add_extensions() -> None:
    """Register `doc._.abbreviations` (a list of `Definition`)."""
    if not Doc.has_extension("abbreviations"):
        Doc.set_extension("abbreviations", getter=_pairs)


@Language.component("kgraph_abbreviations", assigns=["doc._.abbreviations"])
def mark_abbreviations(doc: Doc) -> Doc:
    """Find the abbreviations of a doc."""
    # Plain lists: spaCy sends docs between processes as msgpack, which knows no classes.
    doc.user_data["kgraph_abbreviations"] = [list(pair) for pair in find_abbreviations(doc.text)]
    return doc


add_extensions()
