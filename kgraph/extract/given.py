"""Entities that are given, by an annotator say, in the place of those that a pipeline finds.

In: papers, and for each its entities with their surfaces and roles. Out: the relations between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kgraph.extract.entities import EntityRow, give_entity_rows
from kgraph.extract.guard import Stretch, guarding_label, read_guarded
from kgraph.extract.mentions import Page, Place, read_page
from kgraph.schema import Paper, PaperRelation

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

COMPONENT: Final = "given"


@dataclass(frozen=True, slots=True)
class GivenEntity:
    """An entity of a paper; its mentions are looked for in the text."""

    label: str
    name: str
    surfaces: tuple[str, ...]
    role: str


def extract_relations(
    papers: Iterable[Paper], entities: Iterable[Sequence[GivenEntity]], nlp: Language
) -> Iterator[list[PaperRelation]]:
    """The relations that a pipeline finds between the entities that are given for each paper."""
    for paper, given in zip(papers, entities, strict=True):
        doc = nlp.make_doc(paper.text)
        for name, component in nlp.pipeline:
            if nlp.get_pipe_meta(name).factory == "kgraph_entities":
                give_entities(doc, given)
            else:
                doc = component(doc)
        yield list(doc._.paper_relations)


def give_entities(doc: Doc, entities: Sequence[GivenEntity]) -> None:
    """Leave entities in a doc as `kgraph_entities` does; those that its text does not name are left out."""
    page, guarded = read_page(doc), read_guarded(doc)
    places = find_mentions(page.text, [(entity.name, *entity.surfaces) for entity in entities])
    rows = [
        _to_row(entity, [_to_place(start, end, page, guarded) for start, end in found], page)
        for entity, found in zip(entities, places, strict=True)
        if found
    ]
    give_entity_rows(doc, sorted(rows, key=lambda row: row["mentions"][0]))


def _to_place(start: int, end: int, page: Page, guarded: list[Stretch]) -> Place:
    return Place(start, end, page.sentence_at(start), guarding_label(guarded, start, end))


def _to_row(entity: GivenEntity, places: list[Place], page: Page) -> EntityRow:
    return {
        "label": entity.label,
        "name": entity.name,
        "role": entity.role,
        "score": 1.0,
        "role_score": 1.0,
        "component": COMPONENT,
        "evidence": list(page.sentences[places[0].sent]),
        "mentions": [list(place) for place in places],
    }


def find_mentions(text: str, surfaces: Sequence[Iterable[str]]) -> list[list[tuple[int, int]]]:
    """Where a text names each of several entities (offsets), in the order of the text.

    A longer surface goes before a shorter one that it holds; an entity that is only named inside others is found there.
    """
    found: list[list[tuple[int, int]]] = [[] for _ in surfaces]
    inside: list[list[tuple[int, int]]] = [[] for _ in surfaces]
    taken: list[tuple[int, int]] = []
    owners = sorted({(surface, i) for i, group in enumerate(surfaces) for surface in group}, key=_longest_first)
    for surface, i in owners:
        for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                inside[i].append((start, end))
            else:
                taken.append((start, end))
                found[i].append((start, end))
    return [sorted(places or within[:1]) for places, within in zip(found, inside, strict=True)]


def _longest_first(owner: tuple[str, int]) -> tuple[int, str, int]:
    return -len(owner[0]), *owner
