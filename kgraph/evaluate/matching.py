"""Which predicted entity of a paper is which one of the gold.

Entities are compared within a type, one to one, by their surfaces (the name is one of them) as words: case, hyphens,
spaces and a plural s do not count. Two entities match

- exact: they share a surface, also where one writes as two words what the other writes as one;
- relaxed: they match exact, or a surface of one contains a surface of the other as whole words, or a surface of each
  ends with the same word and they share one more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

_WORD: Final = re.compile(r"[\w+*^]+")


@dataclass(frozen=True, slots=True)
class AnnotatedEntity:
    """A method, dataset or task that an annotation names; `role` is "" where it tells none."""

    label: str
    name: str
    surfaces: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """Index of a predicted entity -> index of its gold entity; `relaxed` holds the exact matches too."""

    exact: Mapping[int, int]
    relaxed: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Forms:
    """An entity as it is compared: its surfaces as tuples of words, and each of them as one word."""

    label: str
    words: frozenset[tuple[str, ...]]
    glued: frozenset[str]


_Test: TypeAlias = Callable[[_Forms, _Forms], bool]


def match_entities(gold: Sequence[AnnotatedEntity], predicted: Sequence[AnnotatedEntity]) -> Matches:
    """Pair the predicted entities of one paper with its gold ones; every exact match goes before the relaxed ones.

    Each predicted entity in its turn takes the first gold entity that is left and matches it.
    """
    left, right = [_forms(entity) for entity in gold], [_forms(entity) for entity in predicted]
    exact = _match(left, right, {}, _is_exact)
    return Matches(exact, _match(left, right, exact, _is_relaxed))


def pair_names(gold: Sequence[AnnotatedEntity], predicted: Sequence[AnnotatedEntity]) -> dict[str, str]:
    """Return the names of the gold entities, by those of the predicted entities that match them (relaxed)."""
    pairs = match_entities(gold, predicted).relaxed
    return {predicted[j].name: gold[i].name for j, i in pairs.items()}


def _forms(entity: AnnotatedEntity) -> _Forms:
    words = frozenset(map(_split, (entity.name, *entity.surfaces)))
    return _Forms(entity.label, words, frozenset(map("".join, words)))


def _split(surface: str) -> tuple[str, ...]:
    return tuple(map(_singular, _WORD.findall(surface.casefold())))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _match(gold: list[_Forms], predicted: list[_Forms], pairs: Mapping[int, int], test: _Test) -> dict[int, int]:
    """Return the pairs, and those that the test adds."""
    found, free = dict(pairs), [i for i in range(len(gold)) if i not in pairs.values()]
    for j, forms in enumerate(predicted):
        if j in pairs:
            continue
        fit = next((i for i in free if gold[i].label == forms.label and test(gold[i], forms)), None)
        if fit is not None:
            found[j] = fit
            free.remove(fit)
    return found


def _is_exact(one: _Forms, other: _Forms) -> bool:
    return not one.glued.isdisjoint(other.glued)


def _is_relaxed(one: _Forms, other: _Forms) -> bool:
    return _is_exact(one, other) or any(_overlap(a, b) for a in one.words for b in other.words if a and b)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if one[-1] == other[-1] and len(set(one) & set(other)) > 1:
        return True
    shorter, longer = sorted((f" {' '.join(one)} ", f" {' '.join(other)} "), key=len)
    return shorter in longer
