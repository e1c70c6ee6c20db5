"""Fit the weights of the relations on pairs of entities of the training papers; write (encoded_)relations.json.gz.

The entities are those that the pipelines find in papers that they were not fitted on, as far as they are right, and the
annotated ones.
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path
from typing import Any

from corpora import Row
from cross_fit import encoder_folder
from gold import docs_with_terms, given_entities
from regression import Design, fit, save

from kgraph.evaluate import AnnotatedEntity, make_annotation, pair_names
from kgraph.extract.encoded_pairs import BOUNDS, judge_pairs, keep_vectors, take_vectors
from kgraph.extract.encoder import Network
from kgraph.extract.entities import EntityMaker, read_entity_rows, to_entity
from kgraph.extract.given import give_entities
from kgraph.extract.mentions import read_page
from kgraph.extract.pair_features import pair_features
from kgraph.extract.pairs import Scene, find_pairs, read_scene
from kgraph.extract.relations import WEIGHTS_OF
from kgraph.schema import RELATION_TYPES

CLASSES = ("no", "yes")
INVERSE_L2 = 0.05
THRESHOLD = 0.4  # chosen on the development part
Designs = dict[str, Design]


def add_pairs(row: Row, scene: Scene, names: dict[str, str], designs: Designs) -> None:
    """Add the candidate pairs of one paper, of entities that are right.

    `names` are those of the gold entities, by those of the entities here.
    """
    truth = {tuple(relation) for relation in row["relations"]}
    for kind, pair in find_pairs(scene):
        if pair.source.name in names and pair.target.name in names:
            holds = (kind, names[pair.source.name], names[pair.target.name]) in truth
            designs[kind].add(pair_features(kind, pair, scene), CLASSES[holds])


def scene_of(row: Row, doc: Any) -> Scene:
    """The entities of a doc, with what the encoder that never saw the paper says of their pairs."""
    rows, taken = read_entity_rows(doc), take_vectors(doc)
    judged = None if taken is None else judge_pairs(pairs_network(encoder_folder(row["id"])), rows, *taken)
    return read_scene(rows, read_page(doc), judged)


@cache
def pairs_network(folder: Path) -> Network:
    """The layers of an encoder that judge pairs."""
    return Network((folder / "pairs.onnx").read_bytes())


def gold_names(row: Row, doc: Any) -> dict[str, str]:
    """The names of the entities of a doc, with those of the gold entities that the scorer pairs them with."""
    entities = [to_entity(r, doc.text) for r in read_entity_rows(doc)]
    predicted = [AnnotatedEntity(e.label, e.name, e.surfaces) for e in entities]
    return pair_names(make_annotation(row).entities, predicted)


def gather(finder: str) -> Designs:
    """The pairs of the entities that a component finds, and those of the annotated ones."""
    maker = EntityMaker()
    designs = {kind: Design(CLASSES) for kind in RELATION_TYPES}
    for row, doc in docs_with_terms(finder):
        vectors, bounds = doc.tensor, doc.user_data.get(BOUNDS)
        found = maker(doc)
        add_pairs(row, scene_of(row, found), gold_names(row, found), designs)
        if bounds is not None:
            keep_vectors(doc, vectors, bounds)
        give_entities(doc, given_entities(row))
        add_pairs(row, scene_of(row, doc), gold_names(row, doc), designs)
    return designs


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=INVERSE_L2)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    args = parser.parse_args()
    for finder, name in WEIGHTS_OF.items():
        designs = gather(finder)
        save(name, {kind: (CLASSES, fit(design, args.inverse_l2), args.threshold) for kind, design in designs.items()})


if __name__ == "__main__":
    main()
