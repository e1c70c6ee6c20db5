"""What the papers of a corpus agree that abbreviations stand for.

`Definitions` collects, paper by paper, which long form each gives for an abbreviation; `agreed` keeps the abbreviations
that (nearly) all of them define alike. These stand for their long form in papers that do not define them, as a name of
their own and as a word within one: LLM alignment is large language model alignment.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kgraph.link.likeness import are_variants
from kgraph.link.normal_form import folded, normal_form, short_form
from kgraph.link.wording import content_words, without_head
from kgraph.schema import DATASET

AGREEMENT: Final = 0.8
"""The share of the papers that define an abbreviation that must define it alike, for it to stand for that elsewhere."""

DEFINERS: Final = 0.1
"""The share of the papers that use an abbreviation that must define it: one odd paper does not speak for all."""

DEFINERS_IN_ANY_CASE: Final = 0.3
"""The same where it may be written in another case: ANCHOR may stand for much, but anchor is a word."""

SEVERAL: Final = 2
"""Papers that must define an abbreviation for it to stand for the same under another label or in another case."""

ANY: Final = ""
"""The label of definitions of all labels, and of those that define no entity."""

_SHORT_FORM = re.compile(r"(?=.*[A-Z])\S{2,10}")
# A word of its own, or before a hyphen and a word in lower case: ANN-Benchmarks, GPT-4 and SAM 2 are names.
_INNER_SHORT_FORM = re.compile(
    r"(?<![\w^])(?<!\w-)(?=[\w&]*[A-Z][\w&]*[A-Z])[A-Za-z&]{2,10}s?(?![\w^*]|[-\s]?\d|-[A-Z])"
)


@dataclass(frozen=True, slots=True)
class LongForm:
    """What an abbreviation stands for: in how many `papers` of the `total` that define it."""

    text: str
    papers: int
    total: int


class Definitions:
    """The definitions of all papers, counted."""

    def __init__(self) -> None:
        self._longs: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._users: Counter[tuple[str, str]] = Counter()

    def add(self, label: str, short: str, long: str) -> None:
        """Count a paper that defines an abbreviation, as the name of an entity of this label or of `ANY`."""
        self._longs[label, short_form(short)][long] += 1

    def add_user(self, label: str, name: str) -> None:
        """Count a paper that calls an entity of this label so."""
        self._users[label, name] += 1

    def agreed(self) -> Abbreviations:
        """Return the abbreviations that the papers define alike; those of four letters and more in any case, too."""
        any_case = defaultdict[tuple[str, str], Counter[str]](Counter)
        for (label, short), longs in self._longs.items():
            if len(short) > 3:
                any_case[label, short.casefold()].update(longs)
        users, any_users = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for (label, name), count in self._users.items():
            short = short_form(name)
            for scope in (label, ANY):
                users[scope, short] += count
                any_users[scope, short.casefold()] += count
        return Abbreviations(
            _all_agreed(self._longs, users, DEFINERS), _all_agreed(any_case, any_users, DEFINERS_IN_ANY_CASE)
        )


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The abbreviations of a corpus by label (or `ANY`) and short form, in the case that is defined and in any."""

    _long_forms: Mapping[tuple[str, str], LongForm]
    _any_case: Mapping[tuple[str, str], LongForm]

    def find(self, label: str, name: str) -> LongForm | None:
        """Return what a name stands for, where it is a short form; that of a dataset only where datasets define it."""
        short = short_form(name)
        own = self._long_forms.get((label, short))
        if own is not None or label == ANY:
            return own
        scopes = (label,) if label == DATASET else (label, ANY)
        others = [self._long_forms.get((scope, short)) for scope in scopes]
        others += [self._any_case.get((scope, short.casefold())) for scope in scopes]
        return next((long for long in others if long is not None and long.total >= SEVERAL), None)


def is_short_form(text: str) -> bool:
    """Tell whether a text looks like an abbreviation."""
    return _SHORT_FORM.fullmatch(text) is not None


def inner_short_forms(name: str) -> list[str]:
    """Return the words of a longer name that look like abbreviations."""
    return [found for found in _INNER_SHORT_FORM.findall(name) if found != name]


def write_out(name: str, long_form: Callable[[str], str | None]) -> str:
    """Write out the abbreviations within a name for which `long_form` knows one that the name does not say itself."""

    def long(short: re.Match[str]) -> str:
        form = long_form(short_form(short[0])) if short[0] != name else None
        return form if form and folded(form) not in folded(name) else short[0]

    return name if name.islower() else _INNER_SHORT_FORM.sub(long, name)


def mean_the_same(long: str, other: str) -> bool:
    """Tell whether two long forms of one abbreviation are one name, but for spelling, function words, or its head."""
    one, two = content_words(normal_form(long)), content_words(normal_form(other))
    return one == two or are_variants(one, two) or without_head(one) == without_head(two)


def _all_agreed(
    longs: Mapping[tuple[str, str], Counter[str]], users: Mapping[tuple[str, str], int], share: float
) -> dict[tuple[str, str], LongForm]:
    found = {key: _agreed(counts) for key, counts in longs.items()}
    return {key: long for key, long in found.items() if long is not None and long.total >= share * users.get(key, 0)}


def _agreed(longs: Counter[str]) -> LongForm | None:
    together: Counter[str] = Counter()
    for long, papers in longs.items():
        together[folded(long)] += papers
    best = min(together, key=lambda form: (-together[form], form))
    text = min(long for long in longs if folded(long) == best)
    papers, total = sum(count for long, count in longs.items() if mean_the_same(text, long)), together.total()
    return LongForm(text, papers, total) if papers >= AGREEMENT * total else None
