"""The knowledge base: what it joins, what it leaves alone, and that the shipped one is sound."""

from __future__ import annotations

import json
from collections import defaultdict
from time import process_time

import pytest

from kgraph.link import KnowledgeBase, KnownEntity, entity_id, read_knowledge_base
from kgraph.link.knowledge_base import PATH
from kgraph.link.normal_form import folded
from kgraph.schema import DATASET, ENTITY_LABELS, METHOD, TASK
from tests.link_papers import are_one, entity, link, node_ids, paper

KNOWN = (
    KnownEntity(METHOD, "segment anything model", ("SAM", "segment anything"), "https://example.org/sam"),
    KnownEntity(METHOD, "language model", ("LM", "LMs", "neural language model")),
    KnownEntity(METHOD, "ZipNet", ()),
    KnownEntity(METHOD, "zip-entropy loss", ("zip-entropy",)),
    KnownEntity(METHOD, "zip-entropy method", ()),
    KnownEntity(TASK, "continual learning", ("lifelong learning", "CL")),
    KnownEntity(DATASET, "ZipSet", ("ZS",)),
)


@pytest.mark.parametrize(
    ("one", "other", "label", "joined"),
    [
        ("SAM", "Segment Anything", METHOD, True),
        ("SAMs", "segment-anything model", METHOD, True),
        ("Lifelong Learning", "continual learning", TASK, True),
        ("lifelong learning", "continual learning", METHOD, True),  # what is known of a task holds for a method
        ("SAM", "Segment Anything", TASK, True),
        ("lifelong learning", "continual learning", DATASET, False),
        ("ZS", "ZipSet", METHOD, False),  # but not what is known of a dataset
        ("SAM framework", "segment anything", METHOD, True),
        ("lifelong learning method", "continual learning", METHOD, False),
        ("lifelong learning tasks", "continual learning", TASK, True),
        ("LM alignment", "alignment of language models", TASK, True),
        ("SAM 2", "segment anything", METHOD, False),
        ("zip-entropy method", "zip-entropy", METHOD, False),
        ("zip-entropy technique", "zip-entropy", METHOD, False),  # that is a loss, and this no loss
    ],
)
def test_known_names_share_a_node(one: str, other: str, label: str, joined: bool) -> None:
    assert are_one(one, other, label=label, known=KNOWN) is joined


def test_a_known_entity_is_shown_under_its_known_name_with_its_address_and_found_by_all_its_names() -> None:
    (node,) = link([paper(1, entity("SAM"))], known=KNOWN).entities.values()
    assert (node.id, node.name) == ("method:segment-anything-model", "segment anything model")
    assert node.aliases == ("SAM", "segment anything", "segment anything model")
    assert node.url == "https://example.org/sam"


def test_a_merge_by_knowledge_says_so() -> None:
    papers = [paper(1, entity("SAM")), paper(2, entity("Segment Anything Models")), paper(3, entity("SAM framework"))]
    assert {merge.alias: merge.reason for merge in link(papers, known=KNOWN).merges} == {
        "SAM": "knowledge base",
        "Segment Anything Models": "spelling: case, hyphen, space or plural",
        "SAM framework": "general word: it only repeats what kind of thing this is",
    }


def test_a_paper_that_defines_a_known_short_form_otherwise_is_believed() -> None:
    other = paper(1, entity("SAM"), abbreviations=(("SAM", "sharpness-aware minimization"),))
    first, second = node_ids([other, paper(2, entity("SAM"))], known=KNOWN)
    assert first["SAM"] == "method:sharpness-aware-minimization"
    assert second["SAM"] == "method:segment-anything-model"


def test_knowledge_beats_what_most_papers_mean() -> None:
    pair = ("SAM", "sharpness-aware minimization")
    most = [paper(number, entity(pair[1], "SAM"), abbreviations=(pair,)) for number in range(9)]
    *others, last = node_ids([*most, paper(9, entity("SAM"))], known=KNOWN)
    assert last["SAM"] == "method:segment-anything-model"
    assert {node for of in others for node in of.values()} == {"method:sharpness-aware-minimization"}
    linker = link([*most, paper(9, entity("SAM"))], known=KNOWN)
    assert "SAM" in linker.entities["method:sharpness-aware-minimization"].aliases


def test_a_long_form_in_other_words_is_the_known_one() -> None:
    odd = paper(1, entity("Segment Anythin Model", "SAM"), abbreviations=(("SAM", "Segment Anythin Model"),))
    (nodes,) = node_ids([odd], known=KNOWN)
    assert set(nodes.values()) == {"method:segment-anything-model"}


def test_what_is_known_under_two_labels_is_the_same_term() -> None:
    known = (KnownEntity(METHOD, "pruning", ("network pruning",)), KnownEntity(TASK, "model pruning", ("pruning",)))
    entities = link([paper(1, entity("network pruning")), paper(2, entity("model pruning", label=TASK))], known=known)
    assert entities.entities["method:pruning"].same_term == ("task:model-pruning",)


def test_an_id_can_be_told_from_a_name_alone() -> None:
    assert entity_id(METHOD, "Segment-Anything Models") == "method:segment-anything-model"


def test_the_shipped_knowledge_base_is_sound() -> None:
    first, *lines = PATH.read_text(encoding="utf-8").splitlines()
    sources = json.loads(first)["sources"]
    rows = [json.loads(line) for line in lines]
    assert len(rows) >= 1500
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        assert set(row) - {"url"} == {"label", "name", "aliases", "source"}
        assert row["label"] in ENTITY_LABELS
        assert row["source"] in sources
        assert row.get("url", "https://").startswith(("https://", "http://"))
        for name in (row["name"], *row["aliases"]):
            assert name == name.strip()
            owners[row["label"], folded(name)].add(number)
    assert {key: [rows[one]["name"] for one in found] for key, found in owners.items() if len(found) > 1} == {}
    assert rows == sorted(
        rows, key=lambda row: (ENTITY_LABELS.index(row["label"]), row["name"].casefold(), row["name"])
    )


def test_well_known_names_are_known() -> None:
    knowledge = read_knowledge_base()
    for label, one, other in [
        (METHOD, "GNN", "graph neural networks"),
        (METHOD, "LLMs", "large language model"),
        (TASK, "QA", "question answering"),
        (TASK, "lifelong learning", "continual learning"),
        (DATASET, "MS COCO", "COCO"),
    ]:
        known = knowledge.find(label, folded(one))
        assert known is not None
        assert known == knowledge.find(label, folded(other))


def test_the_shipped_knowledge_base_is_read_fast() -> None:
    best = min(_seconds_to_read() for _ in range(3))
    assert best < 1


def _seconds_to_read() -> float:
    read_knowledge_base.cache_clear()
    folded.cache_clear()
    start = process_time()
    assert isinstance(read_knowledge_base(), KnowledgeBase)
    return process_time() - start
