"""Extractions as plain JSON values: the lines of `kgraph extract`.

In: a paper and its extraction. Out: a dict with the paper, its entities and relations (in the format of the
annotations, see training/README.md) and, as "statements", the edges that they become, each with its evidence and, where
that only means the head, with the sentence that names it as its "context".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from kgraph.schema import ROLE_TYPES, Extraction, Paper, PaperEntity, PaperRelation


def extraction_row(paper: Paper, extraction: Extraction) -> dict[str, Any]:
    """One line of `kgraph extract`."""
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "entities": [_entity(entity) for entity in extraction.entities],
        "relations": [[relation.type, relation.source, relation.target] for relation in extraction.relations],
        "statements": list(_statements(extraction)),
    }


def _entity(entity: PaperEntity) -> dict[str, Any]:
    return {
        "type": entity.label,
        "name": entity.name,
        "surfaces": list(entity.surfaces),
        "role": entity.role,
        "score": entity.score,
        "mentions": [[mention.start_char, mention.end_char] for mention in entity.mentions],
    }


def _statements(extraction: Extraction) -> Iterator[dict[str, Any]]:
    for entity in extraction.entities:
        yield _statement(ROLE_TYPES[entity.role], extraction.paper_id, entity.name, entity)
    for relation in extraction.relations:
        context = {"context": asdict(relation.context)} if relation.context else {}
        yield _statement(relation.type, relation.source, relation.target, relation) | context


def _statement(kind: str, head: str, tail: str, source: PaperEntity | PaperRelation) -> dict[str, Any]:
    return {
        "type": kind,
        "head": head,
        "tail": tail,
        "sentence": source.evidence.sentence,
        "start_char": source.evidence.start_char,
        "end_char": source.evidence.end_char,
        "score": source.score,
        "component": source.component,
    }
