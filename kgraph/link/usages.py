"""What the papers call their entities: gone through once, counted, and small enough for memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from kgraph.link.abbreviations import ANY, Agreement, agree, inner_short_forms, is_short_form
from kgraph.link.normal_form import normal_form, short_form
from kgraph.schema import Abbreviation, Extraction, PaperEntity


class Usage(NamedTuple):
    """How a paper names an entity: its label, its full name in this paper, and what else the paper explains of it.

    `own` are the abbreviations within the name that the paper defines, with their long forms.
    """

    label: str
    name: str
    own: tuple[tuple[str, str], ...] = ()


class Surfaces:
    """The surface forms of an entity: how many papers have each, and in how many each is a short form that they define.

    `uses` counts the papers.
    """

    __slots__ = ("defined", "papers", "uses")

    def __init__(self, papers: dict[str, int] | None = None, defined: dict[str, int] | None = None, uses: int = 0):
        self.papers = {} if papers is None else papers
        self.defined = _NONE if defined is None else defined
        self.uses = uses

    def add(self, other: Surfaces) -> None:
        """Count the papers of another, which may be fewer than none: those that are taken away."""
        _add(self.papers, other.papers)
        if other.defined:
            self.defined = dict(self.defined)
            _add(self.defined, other.defined)
        self.uses += other.uses


Usages = Mapping[Usage, Surfaces]
"""How papers name their entities, with the surface forms of each."""

_NONE: Final[dict[str, int]] = {}


def _add(counts: dict[str, int], others: Mapping[str, int]) -> None:
    for key, number in others.items():
        total = counts.get(key, 0) + number
        if total:
            counts[key] = total
        else:
            counts.pop(key, None)


class Census:
    """What papers call their entities, counted: all that linking needs to know of them.

    `definitions` counts the papers that give an abbreviation a long form, as the name of an entity of a label or of
    `ANY`; `users` those that call an entity of a label by a name.
    """

    def __init__(self) -> None:
        self.surfaces = defaultdict[Usage, Surfaces](Surfaces)
        self.definitions: Counter[tuple[str, str, str]] = Counter()
        self.users: Counter[tuple[str, str]] = Counter()

    def count(self, extraction: Extraction, papers: int = 1) -> set[Usage]:
        """Count a paper, or take one out again where `papers` is -1; return its usages."""
        usages = set()
        for short, long in {(short_form(pair.short), _normal(pair.long)) for pair in extraction.abbreviations}:
            self.definitions[ANY, short, long] += papers
        for entity, usage in find_usages(extraction):
            defined = _defined(entity, usage.name, extraction.abbreviations)
            found = Surfaces(dict.fromkeys(entity.surfaces, papers), dict.fromkeys(defined, papers), papers)
            self.surfaces[usage].add(found)
            usages.add(usage)
            self.users[entity.label, short_form(entity.name)] += papers
            for short in set(map(short_form, defined)):
                self.definitions[entity.label, short, _normal(usage.name)] += papers
        return usages

    def agreements(self) -> dict[str, Agreement]:
        """Return what the papers agree that abbreviations stand for, by the short form without case."""
        definitions = defaultdict[str, dict[tuple[str, str, str], int]](dict)
        for (label, short, long), papers in self.definitions.items():
            definitions[short.casefold()][label, short, long] = papers
        users = defaultdict[str, dict[tuple[str, str], int]](dict)
        for (label, short), papers in self.users.items():
            if short.casefold() in definitions:
                users[short.casefold()][label, short] = papers
        return {short: agree(longs, users[short]) for short, longs in definitions.items()}


def find_usages(extraction: Extraction) -> Iterator[tuple[PaperEntity, Usage]]:
    """Yield each entity of a paper with how the paper names it: a name that it defines as an abbreviation, in full."""
    longs = defaultdict[str, list[str]](list)
    for pair in extraction.abbreviations:
        longs[short_form(pair.short)].append(pair.long)
    for entity in extraction.entities:
        yield entity, _usage(entity, longs) if longs else Usage(entity.label, entity.name)


def _defined(entity: PaperEntity, name: str, pairs: Iterable[Abbreviation]) -> frozenset[str]:
    """Return the surface forms that the paper defines as abbreviations of this entity."""
    return frozenset(
        pair.short
        for pair in pairs
        if pair.short in entity.surfaces
        and pair.short != name
        and (pair.long == name or pair.long in entity.surfaces)
        and is_short_form(pair.short)
    )


def _usage(entity: PaperEntity, longs: Mapping[str, list[str]]) -> Usage:
    name = entity.name
    if own_longs := longs.get(short_form(name)):
        name = min([long for long in own_longs if long in entity.surfaces] or own_longs)
    if not any(short in name for short in longs):
        return Usage(entity.label, name)
    within = set(map(short_form, inner_short_forms(name)))
    return Usage(entity.label, name, tuple(sorted((short, min(longs[short])) for short in within & longs.keys())))


def _normal(name: str) -> str:
    return " ".join(normal_form(name))
