"""Relations: candidate pairs and their evidence, lists, given entities, and what an encoder adds."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.language import Language

from kgraph.extract import load_pipeline
from kgraph.extract.encoded_pairs import judge_pairs, keep_vectors, piece_shares, take_vectors
from kgraph.extract.encoder import Stretch
from kgraph.extract.entities import read_entity_rows
from kgraph.extract.given import GivenEntity, extract_relations, find_mentions, give_entities
from kgraph.extract.linear import make_model
from kgraph.extract.mentions import read_page
from kgraph.extract.pairs import Pair, Scene, find_pairs, read_scene
from kgraph.extract.relations import RelationFinder, judge
from kgraph.schema import RELATION_ENDS, RELATION_TYPES, Paper
from tests.extract_text import PAPER

TITLE = "ReefMap: Mapping Corals from the Air"


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline("accurate")


def method(name: str, role: str = "used") -> GivenEntity:
    return GivenEntity("Method", name, (name,), role)


def dataset(name: str) -> GivenEntity:
    return GivenEntity("Dataset", name, (name,), "used")


def task(name: str) -> GivenEntity:
    return GivenEntity("Task", name, (name,), "used")


def scene_of(nlp: Language, text: str, *entities: GivenEntity) -> Scene:
    doc = nlp.make_doc(f"{TITLE}\n{text}")
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_guard"):
        doc = nlp.get_pipe(name)(doc)
    give_entities(doc, entities)
    return read_scene(read_entity_rows(doc), read_page(doc))


def pairs_of(scene: Scene) -> dict[tuple[str, str, str], Pair]:
    return {(kind, pair.source.name, pair.target.name): pair for kind, pair in find_pairs(scene)}


# Candidates


def test_only_pairs_of_the_right_types_are_candidates(nlp: Language) -> None:
    entities = [method("ReefMap", "proposed"), method("U-Net"), dataset("CoralSet"), task("coral mapping")]
    scene = scene_of(nlp, "ReefMap extends U-Net to coral mapping on CoralSet.", *entities)
    labels = {node.name: node.label for node in scene.nodes}
    found = pairs_of(scene)
    assert {kind for kind, *_ in found} == set(RELATION_TYPES) - {"SUBTASK_OF"}
    assert all((labels[source], labels[target]) == RELATION_ENDS[kind] for kind, source, target in found)


def test_a_sentence_that_names_both_is_the_evidence(nlp: Language) -> None:
    scene = scene_of(
        nlp, "Corals are ill. ReefMap is tested on CoralSet. We thank all.", method("ReefMap"), dataset("CoralSet")
    )
    pair = pairs_of(scene)["EVALUATED_ON", "ReefMap", "CoralSet"]
    assert scene.page.sentence(pair.evidence) == "ReefMap is tested on CoralSet."
    assert pair.context is None


def test_else_the_sentence_that_means_the_source_and_the_one_that_names_it(nlp: Language) -> None:
    text = "We present ReefMap. CoralSet is old. Our method wins on CoralSet."
    scene = scene_of(nlp, text, method("ReefMap", "proposed"), dataset("CoralSet"))
    pair = pairs_of(scene)["EVALUATED_ON", "ReefMap", "CoralSet"]
    assert scene.page.sentence(pair.evidence) == "Our method wins on CoralSet."
    assert pair.context is not None and scene.page.sentence(pair.context) == "We present ReefMap."


@pytest.mark.parametrize(
    "sentence",
    [
        "We do not use U-Net for ReefMap.",
        "ReefMap works without U-Net.",
        "Instead of U-Net, ReefMap learns from sketches.",
        "In future work we plan to add U-Net.",
    ],
)
def test_what_is_denied_or_planned_is_no_candidate(nlp: Language, sentence: str) -> None:
    entities = [method("ReefMap", "proposed"), method("U-Net")]
    assert ("BASED_ON", "ReefMap", "U-Net") not in pairs_of(scene_of(nlp, sentence, *entities))
    assert ("BASED_ON", "ReefMap", "U-Net") in pairs_of(scene_of(nlp, "ReefMap extends U-Net.", *entities))


def test_what_a_paper_sets_itself_against_can_be_compared(nlp: Language) -> None:
    scene = scene_of(nlp, "Unlike U-Net, ReefMap needs no labels.", method("ReefMap", "proposed"), method("U-Net"))
    kinds = {kind for kind, source, _ in pairs_of(scene) if source == "ReefMap"}
    assert kinds == {"COMPARED_WITH"}


def test_respectively_keeps_the_crossed_pairs_apart(nlp: Language) -> None:
    text = "ReefMap and KelpMap reach 90% and 80% on CoralSet and KelpSet, respectively."
    entities = [method("ReefMap"), method("KelpMap"), dataset("CoralSet"), dataset("KelpSet")]
    found = {
        (source, target) for kind, source, target in pairs_of(scene_of(nlp, text, *entities)) if kind == "EVALUATED_ON"
    }
    assert found == {("ReefMap", "CoralSet"), ("KelpMap", "KelpSet")}


def test_members_of_one_list_are_no_candidates(nlp: Language) -> None:
    text = "We compare with U-Net, SegNet and ReefMap."
    scene = scene_of(nlp, text, method("ReefMap"), method("U-Net"), method("SegNet"))
    assert pairs_of(scene) == {}


def test_members_of_a_list_share_what_is_said_of_it(nlp: Language) -> None:
    text = "ReefMap is tested on CoralSet, KelpSet and ShoalSet."
    scene = scene_of(nlp, text, method("ReefMap"), dataset("CoralSet"), dataset("KelpSet"), dataset("ShoalSet"))
    pairs = [pair for kind, pair in find_pairs(scene) if kind == "EVALUATED_ON"]
    model = make_model(("no", "yes"), {"bias": [0, 0], "ht=coralset": [0, 3000]}, 0.5)
    assert judge("EVALUATED_ON", pairs, scene, model) == pytest.approx([1 / (1 + np.exp(-1.0))] * 3)


# The component


def test_a_list_gives_a_statement_for_each_member(nlp: Language) -> None:
    text = "We propose ReefMap, a method for coral mapping. We evaluate ReefMap on ImageNet, CIFAR-10 and COCO."
    (relations,) = extract_relations(
        [Paper("p", TITLE, text)],
        [[method("ReefMap", "proposed"), task("coral mapping"), *map(dataset, ("ImageNet", "CIFAR-10", "COCO"))]],
        nlp,
    )
    found = {(one.type, one.source, one.target) for one in relations}
    assert found >= {("EVALUATED_ON", "ReefMap", name) for name in ("ImageNet", "CIFAR-10", "COCO")}
    assert ("USED_FOR", "ReefMap", "coral mapping") in found


def test_evidence_and_context_are_sentences_at_their_offsets(nlp: Language) -> None:
    text = "We propose ReefMap. Corals are ill. Extensive experiments on ImageNet show gains of our method."
    paper = Paper("p", TITLE, text)
    (relations,) = extract_relations([paper], [[method("ReefMap", "proposed"), dataset("ImageNet")]], nlp)
    (relation,) = [one for one in relations if one.type == "EVALUATED_ON"]
    assert relation.evidence.sentence == "Extensive experiments on ImageNet show gains of our method."
    assert relation.context is not None and relation.context.sentence == "We propose ReefMap."
    for one in (relation.evidence, relation.context):
        assert paper.text[one.start_char : one.end_char] == one.sentence
    assert 0 < relation.score <= 1


def test_a_doc_does_not_carry_vectors_about(nlp: Language) -> None:
    doc = nlp(PAPER.text)
    assert doc.tensor.size == 0 and take_vectors(doc) is None
    keep_vectors(doc, np.ones((3, 384), dtype="f4"), np.array([[0, 1]]))
    taken = take_vectors(doc)
    assert taken is not None and taken[0].shape == (3, 384)


def test_the_order_of_the_entities_changes_no_logits(nlp: Language) -> None:
    finder, relations = nlp.get_pipe("kgraph_encoder"), nlp.get_pipe("kgraph_relations")
    assert isinstance(relations, RelationFinder)
    doc = nlp.make_doc(PAPER.text)
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_encoder", "kgraph_guard", "kgraph_entities"):
        doc = nlp.get_pipe(name)(doc)
    assert finder is nlp.get_pipe("kgraph_encoder")
    rows, taken = read_entity_rows(doc), take_vectors(doc)
    assert taken is not None and len(rows) > 4
    straight = judge_pairs(relations.network, rows, *taken)
    backward = judge_pairs(relations.network, rows[::-1], *taken)[::-1, ::-1]
    assert np.allclose(straight, backward, atol=1e-4)
    assert judge_pairs(relations.network, [], *taken).shape == (0, 0, len(RELATION_TYPES))


def test_the_pieces_of_an_entity_share_it_out() -> None:
    bounds = np.array([[0, 4], [4, 8], [9, 12]])
    shares = piece_shares(bounds, [[Stretch(0, 8, 1)], [Stretch(9, 12, 1), Stretch(0, 4, 1)], [Stretch(20, 25, 1)]])
    assert shares.tolist() == [[0, 0.5, 0.5, 0, 0], [0, 0.5, 0, 0.5, 0], [0, 0, 0, 0, 0]]


# Given entities


def test_longer_surfaces_go_before_shorter_ones() -> None:
    text = "Deep Q-learning is Q-learning with nets; Q-learnings are many."
    assert find_mentions(text, [["Q-learning"], ["Deep Q-learning"]]) == [[(19, 29)], [(0, 15)]]


def test_an_entity_that_is_only_named_inside_another_is_found_there() -> None:
    assert find_mentions("graph neural networks", [["graph"], ["graph neural networks"], ["x"]]) == [
        [(0, 5)],
        [(0, 21)],
        [],
    ]
