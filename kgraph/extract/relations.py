"""`kgraph_relations`: typed relations between the entities of a paper, each with the sentence that states it.

In: a doc with sentences and `doc._.paper_entities`. Out: `doc._.paper_relations`, a list of `schema.PaperRelation`.

`pairs` finds the candidates, `encoded_pairs` judges them where an encoder read the paper; for each type a logistic
regression over named features (`pair_features`) gives the probability that the relation holds if both entities are
right. The score is that times the scores of the entities. Of a relation and its reverse the likelier stays.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Final, TypedDict

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.encoded_pairs import judge_pairs, take_vectors
from kgraph.extract.encoder import Network
from kgraph.extract.entities import read_entity_rows
from kgraph.extract.linear import LinearModel, load_models
from kgraph.extract.mentions import Page, Place, read_page
from kgraph.extract.packed_files import PackedFiles
from kgraph.extract.pair_features import pair_features
from kgraph.extract.pairs import Pair, Scene, find_pairs, read_scene
from kgraph.extract.spans import text_of
from kgraph.schema import Evidence, PaperRelation

COMPONENT: Final = "kgraph_relations"
LEAST: Final = 0.25
"""The least score of a relation, whatever its type; chosen on the development part."""
WEIGHTS_OF: Final = {"kgraph_terms": "relations", "kgraph_encoder": "encoded_relations"}
"""The weights that were fitted on what each of the components that find terms and ship finds."""
_KEY = "kgraph_relations"


class RelationRow(TypedDict):
    """A relation as plain values, which spaCy can send between processes."""

    type: str
    source: str
    target: str
    score: float
    evidence: list[int]
    """Start and end of the sentence."""
    context: list[int] | None
    """The same of the sentence that names the source, where the evidence does not."""


def find_relations(scene: Scene, models: dict[str, LinearModel], thresholds: dict[str, float]) -> list[RelationRow]:
    """The relations that are likely enough.

    By default they are that where they hold with the probability that is the threshold of their model, if their
    entities are right, and with `LEAST` in all; `thresholds` gives other least scores by type.
    """
    by_kind: dict[str, list[Pair]] = defaultdict(list)
    for kind, pair in find_pairs(scene):
        if pair.source.score * pair.target.score >= thresholds.get(kind, LEAST):
            by_kind[kind].append(pair)
    found: list[RelationRow] = []
    for kind, pairs in by_kind.items():
        needed = 0.0 if kind in thresholds else models[kind].threshold
        for pair, holds in zip(pairs, judge(kind, pairs, scene, models[kind]), strict=True):
            score = holds * pair.source.score * pair.target.score
            if holds >= needed and score >= thresholds.get(kind, LEAST):
                found.append(_to_row(kind, pair, score, scene.page))
    return _one_way(found)


def judge(kind: str, pairs: list[Pair], scene: Scene, model: LinearModel) -> list[float]:
    """The probability that the relation holds, pair by pair, if both entities are right.

    What is said of a list ("on A, B and C") is said of each of its members alike.
    """
    logits = model.logits([pair_features(kind, pair, scene) for pair in pairs])
    margins = logits[:, 1] - logits[:, 0]
    for rows in _mates(pairs, scene):
        margins[rows] = margins[rows].mean()
    probabilities: list[float] = (1 / (1 + np.exp(-margins))).tolist()
    return probabilities


def _mates(pairs: list[Pair], scene: Scene) -> list[list[int]]:
    """The pairs that differ in a member of a list only: first of lists of targets, then of sources."""
    targets: dict[tuple[int, Place], list[int]] = defaultdict(list)
    sources: dict[tuple[int, Place], list[int]] = defaultdict(list)
    for i, pair in enumerate(pairs):
        if pair.closest is not None:
            source, target = (scene.lists.get(place, [place])[0] for place in pair.closest)
            targets[pair.source.number, target].append(i)
            sources[pair.target.number, source].append(i)
    return [*targets.values(), *sources.values()]


def _to_row(kind: str, pair: Pair, score: float, page: Page) -> RelationRow:
    return {
        "type": kind,
        "source": pair.source.name,
        "target": pair.target.name,
        "score": round(score, 4),
        "evidence": list(page.sentences[pair.evidence]),
        "context": None if pair.context is None else list(page.sentences[pair.context]),
    }


def _one_way(found: list[RelationRow]) -> list[RelationRow]:
    """Of a relation and its reverse, keep the likelier; neither where both are equally likely."""
    scores = {(row["type"], row["source"], row["target"]): row["score"] for row in found}
    return [row for row in found if row["score"] > scores.get((row["type"], row["target"], row["source"]), -1.0)]


def to_relation(row: RelationRow, text: str) -> PaperRelation:
    """Build the record of a relation from the plain values."""
    evidence = _to_evidence(row["evidence"], text)
    context = None if row["context"] is None else _to_evidence(row["context"], text)
    return PaperRelation(row["type"], row["source"], row["target"], row["score"], evidence, COMPONENT, context)


def _to_evidence(sentence: list[int], text: str) -> Evidence:
    start, end = sentence
    return Evidence(text[start:end], start, end)


def _relations(doc: Doc) -> list[PaperRelation]:
    text = text_of(doc)
    return [to_relation(row, text) for row in doc.user_data.get(_KEY, ())]


Doc.set_extension("paper_relations", getter=_relations, force=True)


class RelationFinder(PackedFiles):
    """The component."""

    folder = COMPONENT
    names = ("pairs.onnx",)
    made = ("network",)

    def __init__(self, thresholds: dict[str, float] | None = None) -> None:
        """`thresholds` are the least scores by type, where others than those that were fitted are wished."""
        super().__init__()
        self.thresholds = thresholds or {}

    @cached_property
    def network(self) -> Network:
        """The layers that judge pairs by the vectors of an encoder."""
        return Network(self.files["pairs.onnx"])

    def __call__(self, doc: Doc) -> Doc:
        """Find the relations of a doc."""
        rows, taken = read_entity_rows(doc), take_vectors(doc)
        judged = None if taken is None else judge_pairs(self.network, rows, *taken)
        models = load_models(WEIGHTS_OF["kgraph_terms" if judged is None else "kgraph_encoder"])
        doc.user_data[_KEY] = find_relations(read_scene(rows, read_page(doc), judged), models, self.thresholds)
        return doc


@Language.factory(
    "kgraph_relations",
    default_config={"thresholds": {}},
    requires=["doc._.paper_entities"],
    assigns=["doc._.paper_relations"],
)
def make_relation_finder(nlp: Language, name: str, thresholds: dict[str, float]) -> RelationFinder:  # noqa: ARG001
    """Make the component; its weights ship with the package."""
    return RelationFinder(thresholds)
