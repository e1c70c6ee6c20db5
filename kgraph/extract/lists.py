"""Mentions that stand in one list ("on A, B, and C"), and what "respectively" says of two lists.

In: a text and places of mentions in it. Out: groups of places, in the order of the text; and pairs of places that
"respectively" keeps apart: of "A and B for C and D, respectively" the pairs (A, D) and (B, C), in both orders.

Two mentions are neighbours in a list where between them stands nothing but

| part | e.g. |
| --- | --- |
| what ends the first | "datasets", "(CRF)" |
| a comma, a slash, or a conjunction | ",", "/", "and", "as well as" |
| what begins the second | "the", "a large", "existing", "(2)" |

A list ends with its conjunction or slash: in "Unlike A and B, C ..." C stands outside. Without one, a list needs three
mentions, since a single comma may part clauses; and ", a" begins an apposition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import permutations
from typing import Final, Literal

from kgraph.extract.mentions import Place

_FUNCTION_WORDS = (
    r"(?!(?:of|in|for|on|to|with|by|from|that|which|is|are|as|at|into|over|than|using|based|under|via|where|while|when|"
    r"and|or|between|through|without|during)\b)"
)
_NOUN = (
    r"(?:data(?:sets?)?|benchmarks?|corp(?:us|ora)|suites?|collections?|tasks?|problems?|settings?|scenarios?|models?|"
    r"methods?|algorithms?|baselines?|networks?|approach(?:es)?|frameworks?|architectures?|modules?|strateg(?:y|ies)|"
    r"techniques?|systems?|objectives?|loss(?:es)?|layers?|variants?|classifiers?|optimi[sz]ers?|training|learning)"
)
_KIND = (
    r"(?:recent|standard|existing|other|traditional|classical|conventional|popular|common|modern|public|large|small|"
    r"larger|smaller|simple|several|various|multiple|two|three|four|five|real-world|synthetic|[\w-]+-(?:scale|quality))"
)
_TAIL = rf"(?:\s{_FUNCTION_WORDS}[\w-]+)?(?:\s{_NOUN})|"
_BRACKETS = r"(?:\s?\([^()]{1,40}\)|\s?\[[^\[\]]{1,40}\])*"
_NUMBER = r"(?:\(?(?:[1-9]|i{1,3}|iv|v|[a-e])\)\s)?"
_QUOTES = r"[\"'“”‘’`]*"
_AND = r"(?:and(?:/or)?|n?or|&|as well as|along with|together with|plus)(?:\salso)?"
_DETERMINER = r"(?:the|our|its|their|both|either)"
_LEAD = rf"(?:{_DETERMINER}\s(?:{_FUNCTION_WORDS}[\w-]+\s){{0,2}}|(?:{_KIND}\s){{0,2}})"
_LAST_LEAD = rf"(?:{_LEAD}|an?\s(?:{_FUNCTION_WORDS}[\w-]+\s){{0,2}})"
_GAP = re.compile(
    rf"(?:{_TAIL}){_BRACKETS}{_QUOTES}(?:"
    rf"(?P<last>[,;]?{_QUOTES}\s{_AND}\s{_NUMBER}{_LAST_LEAD}|\s?/\s?)|"
    rf"[,;]{_QUOTES}\s{_NUMBER}{_LEAD}){_QUOTES}",
    re.IGNORECASE,
)
_SHORT_FORM: Final = (re.compile(r"\s?[(\[]"), re.compile(r"[)\]]"))
_RESPECTIVELY = re.compile(r"(?:\s?\([^()]{1,40}\))?(?:\s[\w-]+){0,3}?,?\s\(?respectively\b", re.IGNORECASE)


def find_lists(text: str, places: Iterable[Place]) -> list[list[Place]]:
    """Gather mentions of one type that stand in lists; each stands in one list at most, most stand in none.

    A mention that lies in another, or in brackets behind it ("natural questions (NQ)"), is left out.
    """
    runs: list[list[Place]] = []
    closed: list[bool] = []
    for place in sorted(places, key=lambda place: (place.start, -place.end)):
        gap = _read_gap(text, runs[-1][-1], place) if runs else ""
        if gap == "within":
            continue
        if gap == "last" or (gap == "next" and not closed[-1]):
            runs[-1].append(place)
            closed[-1] = closed[-1] or gap == "last"
        else:
            runs.append([place])
            closed.append(False)
    return [run for run, ended in zip(runs, closed, strict=True) if len(run) >= (2 if ended else 3)]


def _read_gap(text: str, one: Place, other: Place) -> Literal["within", "next", "last", ""]:
    """How a mention goes on from the one before: "within" it, as the "next" or "last" of its list, or not: ""."""
    if other.start < one.end:
        return "within"
    before, after = _SHORT_FORM
    if before.fullmatch(text, one.end, other.start) and after.match(text, other.end):
        return "within"
    gap = _GAP.fullmatch(text, one.end, other.start)
    if gap is None or one.sent != other.sent:
        return ""
    return "last" if gap["last"] else "next"


def find_crossed(text: str, lists: Iterable[list[Place]]) -> set[tuple[Place, Place]]:
    """The pairs of places of two lists that a "respectively" behind the second keeps apart."""
    ordered = sorted(lists, key=lambda members: members[0].start)
    crossed: set[tuple[Place, Place]] = set()
    for number, second in enumerate(ordered):
        first = next((members for members in reversed(ordered[:number]) if _precedes(members, second)), None)
        if first and len(first) == len(second) and _RESPECTIVELY.match(text, second[-1].end):
            for i, j in permutations(range(len(first)), 2):
                crossed |= {(first[i], second[j]), (second[j], first[i])}
    return crossed


def _precedes(one: list[Place], other: list[Place]) -> bool:
    return one[-1].end <= other[0].start and one[-1].sent == other[0].sent
