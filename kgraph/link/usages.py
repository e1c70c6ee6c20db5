"""What the papers call their entities: gone through once, counted, and small enough for memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kgraph.link.abbreviations import ANY, Definitions, inner_short_forms, is_short_form
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
    """The surface forms of an entity: how many papers have each, and which are short forms that papers define for it.

    `uses` counts the papers.
    """

    __slots__ = ("defined", "papers", "uses")

    def __init__(self) -> None:
        self.papers: dict[str, int] = {}
        self.defined: frozenset[str] = frozenset()
        self.uses = 0

    def add(self, surfaces: Iterable[tuple[str, int]], defined: frozenset[str], uses: int) -> None:
        """Count surface forms of so many papers."""
        for surface, papers in surfaces:
            self.papers[surface] = self.papers.get(surface, 0) + papers
        if defined:
            self.defined |= defined
        self.uses += uses


@dataclass(frozen=True, slots=True)
class Usages:
    """All usages of a corpus with their surface forms, and all definitions of abbreviations."""

    surfaces: Mapping[Usage, Surfaces]
    definitions: Definitions


def collect_usages(extractions: Iterable[Extraction]) -> Usages:
    """Collect the usages of all papers."""
    surfaces = defaultdict[Usage, Surfaces](Surfaces)
    definitions = Definitions()
    for extraction in extractions:
        for short, long in {(short_form(pair.short), _normal(pair.long)) for pair in extraction.abbreviations}:
            definitions.add(ANY, short, long)
        for entity, usage in find_usages(extraction):
            defined = _defined(entity, usage.name, extraction.abbreviations)
            surfaces[usage].add(((surface, 1) for surface in set(entity.surfaces)), defined, 1)
            definitions.add_user(entity.label, entity.name)
            for short in set(map(short_form, defined)):
                definitions.add(entity.label, short, _normal(usage.name))
    return Usages(surfaces, definitions)


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
