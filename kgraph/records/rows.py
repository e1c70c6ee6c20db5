"""What the tables hold: papers and what was extracted from them, as rows and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from kgraph.schema import Abbreviation, Evidence, Extraction, Mention, Paper, PaperEntity, PaperRelation

_Rows = Sequence[tuple[Any, ...]]
_NOWHERE: Final = Evidence("", 0, 0)


class Grouped:
    """Rows that come in the order of their papers, handed out paper by paper."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, paper_id: str) -> list[tuple[Any, ...]]:
        """Return the rows of this paper; papers must be asked for in order."""
        if self._next is None or self._next[0] != paper_id:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


def content(paper: Paper) -> str:
    """Return a paper as JSON."""
    return json.dumps(paper_row(paper), ensure_ascii=False)


def paper_row(paper: Paper) -> tuple[str, ...]:
    """Return what the table of papers holds of a paper."""
    texts = (paper.id, paper.title, paper.abstract, paper.published, paper.url)
    return (*texts, json.dumps(paper.authors, ensure_ascii=False), paper.source, paper.doi, paper.arxiv_id)


def to_paper(row: tuple[Any, ...]) -> Paper:
    """Return the paper of a row."""
    paper_id, title, abstract, published, url, authors, source, doi, arxiv_id = row
    return Paper(paper_id, title, abstract, published, url, tuple(json.loads(authors)), source, doi, arxiv_id)


def entity_row(entity: PaperEntity) -> tuple[Any, ...]:
    """Return what the table of entities holds of an entity, without its paper."""
    surfaces = json.dumps(entity.surfaces, ensure_ascii=False)
    mentions = json.dumps([astuple(mention) for mention in entity.mentions], ensure_ascii=False)
    evidence = astuple(entity.evidence)
    return (entity.label, entity.name, surfaces, entity.role, entity.score, *evidence, mentions, entity.component)


def to_entity(row: tuple[Any, ...]) -> PaperEntity:
    """Return the entity of a row."""
    _, label, name, surfaces, role, score, sentence, start_char, end_char, mentions, component = row
    return PaperEntity(
        label, name, tuple(json.loads(surfaces)), role, score, Evidence(sentence, start_char, end_char),
        tuple(Mention(*mention) for mention in json.loads(mentions)), component,
    )  # fmt: skip


def to_extraction(paper_id: str, entities: _Rows, relations: _Rows, abbreviations: _Rows) -> Extraction:
    """Return the extraction of the rows of a paper."""
    return Extraction(
        paper_id,
        tuple(map(to_entity, entities)),
        tuple(map(to_relation, relations)),
        tuple(Abbreviation(short, long) for _, short, long in abbreviations),
    )


def to_naming(paper_id: str, entities: _Rows, abbreviations: _Rows) -> Extraction:
    """Return what a paper calls its entities, of rows with their label, name and surfaces."""
    return Extraction(
        paper_id,
        tuple(_name(label, name, json.loads(surfaces)) for _, label, name, surfaces in entities),
        abbreviations=tuple(Abbreviation(short, long) for _, short, long in abbreviations),
    )


def write_naming(extraction: Extraction) -> str:
    """Return what a paper calls its entities as JSON."""
    entities = [(entity.label, entity.name, entity.surfaces) for entity in extraction.entities]
    abbreviations = [(pair.short, pair.long) for pair in extraction.abbreviations]
    return json.dumps([entities, abbreviations], ensure_ascii=False)


def read_naming(paper_id: str, text: str) -> Extraction:
    """Return what `write_naming` wrote."""
    entities, abbreviations = json.loads(text)
    return Extraction(
        paper_id,
        tuple(_name(*entity) for entity in entities),
        abbreviations=tuple(Abbreviation(*pair) for pair in abbreviations),
    )


def _name(label: str, name: str, surfaces: Iterable[str]) -> PaperEntity:
    return PaperEntity(label, name, tuple(surfaces), "", 0.0, _NOWHERE, (), "")


def relation_row(relation: PaperRelation) -> tuple[Any, ...]:
    """Return what the table of relations holds of a relation, without its paper."""
    evidence = astuple(relation.evidence)
    context = json.dumps(astuple(relation.context), ensure_ascii=False) if relation.context else None
    return (relation.type, relation.source, relation.target, relation.score, *evidence, relation.component, context)


def to_relation(row: tuple[Any, ...]) -> PaperRelation:
    """Return the relation of a row."""
    _, kind, source, target, score, sentence, start_char, end_char, component, found = row
    context = Evidence(*json.loads(found)) if found else None
    return PaperRelation(kind, source, target, score, Evidence(sentence, start_char, end_char), component, context)
