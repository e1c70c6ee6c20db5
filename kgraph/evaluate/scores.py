"""Precision, recall and F1 of predicted annotations, over all papers.

Entities are right by two measures, exact and relaxed (see `matching`). A relation is right where its type is, and both
its ends match (relaxed) the entities that the gold joins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kgraph.evaluate.matching import AnnotatedEntity, match_entities
from kgraph.schema import ENTITY_LABELS, PROPOSED, RELATION_TYPES

ALL: Final = "all"
"""The key, beside the labels, of the count over all of them."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one paper is said to hold; a relation is its type and the names of the two entities that it joins."""

    paper_id: str
    entities: tuple[AnnotatedEntity, ...] = ()
    relations: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Count:
    """How many the gold has, how many were predicted, and how many of these are right."""

    gold: int = 0
    predicted: int = 0
    right: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.gold + other.gold, self.predicted + other.predicted, self.right + other.right)

    @property
    def precision(self) -> float:
        """The part of the predicted that is right; 0 where nothing was predicted."""
        return self.right / max(self.predicted, 1)

    @property
    def recall(self) -> float:
        """The part of the gold that was found; 0 where the gold has nothing."""
        return self.right / max(self.gold, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where nothing is right."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def _no_counts(names: Iterable[str]) -> dict[str, Count]:
    return dict.fromkeys((*names, ALL), Count())


def _add(counts: Mapping[str, Count], others: Mapping[str, Count]) -> dict[str, Count]:
    return {name: count + others[name] for name, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of a set of papers: entities by label and `ALL`, exact and relaxed, and relations.

    `relations` are counted by type and `ALL`; `proposed` counts the gold entities that their papers propose,
    `proposed_found` those of them that were found (relaxed).
    """

    exact: Mapping[str, Count] = field(default_factory=lambda: _no_counts(ENTITY_LABELS))
    relaxed: Mapping[str, Count] = field(default_factory=lambda: _no_counts(ENTITY_LABELS))
    relations: Mapping[str, Count] = field(default_factory=lambda: _no_counts(RELATION_TYPES))
    proposed: int = 0
    proposed_found: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            _add(self.exact, other.exact),
            _add(self.relaxed, other.relaxed),
            _add(self.relations, other.relations),
            self.proposed + other.proposed,
            self.proposed_found + other.proposed_found,
        )

    @property
    def proposed_recall(self) -> float:
        """The part of the proposed entities that was found; 0 where the gold has none."""
        return self.proposed_found / max(self.proposed, 1)


@dataclass(frozen=True, slots=True)
class Misses:
    """Where the prediction for one paper is off (relaxed): gold entities that it lacks, and entities that are wrong."""

    paper_id: str
    missed: tuple[AnnotatedEntity, ...]
    wrong: tuple[AnnotatedEntity, ...]


def score_papers(gold: Iterable[Annotation], predicted: Iterable[Annotation]) -> Scores:
    """Score predictions; papers are paired by id, and a gold paper without a prediction has nothing predicted.

    Predictions for papers that the gold does not have are left out.
    """
    return sum((_score_paper(one, other) for one, other in _paired(gold, predicted)), Scores())


def find_misses(gold: Iterable[Annotation], predicted: Iterable[Annotation]) -> Iterator[Misses]:
    """Yield the misses of each gold paper, in the order of the gold; papers are paired as in `score_papers`."""
    for one, other in _paired(gold, predicted):
        pairs = match_entities(one.entities, other.entities).relaxed
        missed = tuple(entity for i, entity in enumerate(one.entities) if i not in pairs.values())
        wrong = tuple(entity for j, entity in enumerate(other.entities) if j not in pairs)
        yield Misses(one.paper_id, missed, wrong)


def _paired(gold: Iterable[Annotation], predicted: Iterable[Annotation]) -> Iterator[tuple[Annotation, Annotation]]:
    by_id = {one.paper_id: one for one in predicted}
    return ((one, by_id.get(one.paper_id, Annotation(one.paper_id))) for one in gold)


def _score_paper(gold: Annotation, predicted: Annotation) -> Scores:
    matches = match_entities(gold.entities, predicted.entities)
    proposed = {i for i, entity in enumerate(gold.entities) if entity.role == PROPOSED}
    return Scores(
        _count_entities(gold, predicted, matches.exact),
        _count_entities(gold, predicted, matches.relaxed),
        _count_relations(gold, predicted, matches.relaxed),
        len(proposed),
        len(proposed.intersection(matches.relaxed.values())),
    )


def _count_entities(gold: Annotation, predicted: Annotation, pairs: Mapping[int, int]) -> dict[str, Count]:
    in_gold = Counter(entity.label for entity in gold.entities)
    in_predicted = Counter(entity.label for entity in predicted.entities)
    right = Counter(predicted.entities[j].label for j in pairs)
    counts = {label: Count(in_gold[label], in_predicted[label], right[label]) for label in ENTITY_LABELS}
    return counts | {ALL: sum(counts.values(), Count())}


def _count_relations(gold: Annotation, predicted: Annotation, pairs: Mapping[int, int]) -> dict[str, Count]:
    names = {predicted.entities[j].name: gold.entities[i].name for j, i in pairs.items()}

    def gold_name(name: str) -> str:
        # The mark: an end that matches nothing must not pass for the gold entity that happens to bear its name.
        return names.get(name, f"?{name}")

    renamed = {(kind, gold_name(head), gold_name(tail)) for kind, head, tail in predicted.relations}
    kinds = [Counter(kind for kind, *_ in found) for found in (gold.relations, renamed, gold.relations & renamed)]
    counts = {kind: Count(*(found[kind] for found in kinds)) for kind in RELATION_TYPES}
    return counts | {ALL: Count(*(found.total() for found in kinds))}
