"""`kgraph_relations`: typed relations between the entities of a paper, each with the sentence that states it.

In: a doc with sentences and `doc._.paper_entities`. Out: `doc._.paper_relations`, a list of `schema.PaperRelation`.

`pairs` finds the candidates; for each type a logistic regression over named features (`pair_features`) gives the
probability that the relation holds. Those that reach the threshold of their type stay; of a relation and its reverse
the likelier.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final, TypedDict

from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.entities import EntityRow, read_entity_rows
from kgraph.extract.linear import LinearModel, load_models
from kgraph.extract.mentions import Page, read_page
from kgraph.extract.pair_features import pair_features
from kgraph.extract.pairs import Pair, find_pairs, read_scene
from kgraph.extract.spans import text_of
from kgraph.schema import Evidence, PaperRelation

COMPONENT: Final = "kgraph_relations"
_KEY = "kgraph_relations"


class RelationRow(TypedDict):
    """A relation as plain values, which spaCy can send between processes."""

    type: str
    source: str
    target: str
    score: float
    evidence: list[int]
    """Start and end of the sentence."""


def find_relations(
    rows: list[EntityRow], page: Page, models: dict[str, LinearModel], thresholds: dict[str, float]
) -> list[RelationRow]:
    """The relations whose probability reaches the threshold of their type (by default that of the model)."""
    scene = read_scene(rows, page)
    by_kind: dict[str, list[Pair]] = defaultdict(list)
    for kind, pair in find_pairs(scene):
        by_kind[kind].append(pair)
    found: list[RelationRow] = []
    for kind, pairs in by_kind.items():
        model = models[kind]
        scores = model.probabilities([pair_features(pair, scene) for pair in pairs])[:, 1].tolist()
        least = thresholds.get(kind, model.threshold)
        found += [_to_row(kind, pair, score, page) for pair, score in zip(pairs, scores, strict=True) if score >= least]
    return _one_way(found)


def _to_row(kind: str, pair: Pair, score: float, page: Page) -> RelationRow:
    return {
        "type": kind,
        "source": pair.source.name,
        "target": pair.target.name,
        "score": round(score, 4),
        "evidence": list(page.sentences[pair.evidence]),
    }


def _one_way(found: list[RelationRow]) -> list[RelationRow]:
    """Of a relation and its reverse, keep the likelier; neither where both are equally likely."""
    scores = {(row["type"], row["source"], row["target"]): row["score"] for row in found}
    return [row for row in found if row["score"] > scores.get((row["type"], row["target"], row["source"]), -1.0)]


def to_relation(row: RelationRow, text: str) -> PaperRelation:
    """Build the record of a relation from the plain values."""
    start, end = row["evidence"]
    evidence = Evidence(text[start:end], start, end)
    return PaperRelation(row["type"], row["source"], row["target"], row["score"], evidence, COMPONENT)


def _relations(doc: Doc) -> list[PaperRelation]:
    text = text_of(doc)
    return [to_relation(row, text) for row in doc.user_data.get(_KEY, ())]


Doc.set_extension("paper_relations", getter=_relations, force=True)


class RelationFinder:
    """The component."""

    def __init__(self, thresholds: dict[str, float] | None = None) -> None:
        """Load the weights; `thresholds` are the least scores by type (by default the fitted ones)."""
        self.models = load_models("relations")
        self.thresholds = thresholds or {}

    def __call__(self, doc: Doc) -> Doc:
        """Find the relations of a doc."""
        rows = read_entity_rows(doc)
        doc.user_data[_KEY] = find_relations(rows, read_page(doc), self.models, self.thresholds)
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
