"""What the papers of a corpus agree that abbreviations stand for.

`agree` keeps the abbreviations that (nearly) all papers define alike. These stand for their long form in papers that do
not define them, as a name of their own and as a word within one: LLM alignment is large language model alignment.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

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


class LongForm(NamedTuple):
    """What an abbreviation stands for, and whether several papers say so."""

    text: str
    several: bool


class Agreement(NamedTuple):
    """What an abbreviation stands for in its cases, by label (or `ANY`) and short form, and in any case, by label."""

    exact: Mapping[tuple[str, str], LongForm]
    any_case: Mapping[str, LongForm]


_NOTHING: Final = Agreement({}, {})


class Abbreviations:
    """The abbreviations of a corpus; `agreement` gives what the papers agree on by the short form without case."""

    def __init__(self, agreement: Callable[[str], Agreement | None]) -> None:
        self._agreement = agreement

    def find(self, label: str, name: str) -> LongForm | None:
        """Return what a name stands for, where it is a short form; that of a dataset only where datasets define it."""
        short = short_form(name)
        exact, any_case = self._agreement(short.casefold()) or _NOTHING
        own = exact.get((label, short))
        if own is not None or label == ANY:
            return own
        scopes = (label,) if label == DATASET else (label, ANY)
        others = [exact.get((scope, short)) for scope in scopes] + [any_case.get(scope) for scope in scopes]
        return next((long for long in others if long is not None and long.several), None)


def agree(definitions: Mapping[tuple[str, str, str], int], users: Mapping[tuple[str, str], int]) -> Agreement:
    """Return what papers agree that one abbreviation stands for; the cases that it is written in differ.

    `definitions` counts the papers by label (or `ANY`), short form and long form, `users` those that call an entity of
    a label so. A case of four letters and more also stands for any other.
    """
    longs, folded_longs = defaultdict[tuple[str, str], Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    for (label, short, long), papers in definitions.items():
        longs[label, short][long] += papers
        if len(short) > 3:
            folded_longs[label][long] += papers
    used, used_in_any_case = Counter[tuple[str, str]](), Counter[str]()
    for (label, short), papers in users.items():
        for scope in (label, ANY):
            used[scope, short] += papers
            used_in_any_case[scope] += papers
    return Agreement(
        _all_agreed(longs, used, DEFINERS), _all_agreed(folded_longs, used_in_any_case, DEFINERS_IN_ANY_CASE)
    )


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


_Scope = TypeVar("_Scope")


def _all_agreed(
    longs: Mapping[_Scope, Counter[str]], users: Mapping[_Scope, int], share: float
) -> dict[_Scope, LongForm]:
    return {
        scope: LongForm(text, counts.total() >= SEVERAL)
        for scope, counts in longs.items()
        if counts.total() >= share * users.get(scope, 0) and (text := _agreed(counts)) is not None
    }


def _agreed(longs: Counter[str]) -> str | None:
    together: Counter[str] = Counter()
    for long, papers in longs.items():
        together[folded(long)] += papers
    best = min(together, key=lambda form: (-together[form], form))
    text = min(long for long in longs if folded(long) == best)
    papers = sum(count for long, count in longs.items() if mean_the_same(text, long))
    return text if papers >= AGREEMENT * longs.total() else None
