"""Linking: which names share a node, why, and that the order of the papers does not matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.link import KnownEntity, entity_id
from kgraph.schema import DATASET, METHOD, TASK, Extraction
from tests.link_papers import entity, link, node_ids, paper


def test_the_id_is_the_label_and_the_words() -> None:
    small = node_ids([paper(1, entity("Graph Neural Networks"))])
    large = node_ids([paper(1, entity("Graph Neural Networks")), paper(2, entity("graph neural network"))])
    assert small[0] == large[0] == {"Graph Neural Networks": "method:graph-neural-network"}
    assert entity_id(METHOD, "graph neural networks") == "method:graph-neural-network"


def test_names_that_differ_in_a_sign_stay_apart() -> None:
    (nodes,) = node_ids([paper(1, entity("C"), entity("C++"), entity("C#"), entity("A*"), entity("A"))])
    assert len(set(nodes.values())) == 5


def test_labels_stay_apart() -> None:
    (nodes,) = node_ids([paper(1, entity("transfer learning"), entity("Transfer Learning", label=TASK))])
    assert sorted(nodes.values()) == ["method:transfer-learning", "task:transfer-learning"]


def test_an_abbreviation_stands_for_its_long_form_in_papers_that_do_not_define_it() -> None:
    defining = paper(1, entity("Low-Rank Adaptation", "LoRA"), abbreviations=(("LoRA", "Low-Rank Adaptation"),))
    first, second = node_ids([defining, paper(2, entity("LoRAs"))])
    assert first["Low-Rank Adaptation"] == second["LoRAs"] == "method:low-rank-adaptation"


def test_a_longer_abbreviation_of_several_papers_is_known_in_any_case_and_for_other_labels() -> None:
    pair = ("LoRA", "Low-Rank Adaptation")
    defining = [paper(number, entity(pair[1], "LoRA"), abbreviations=(pair,)) for number in range(2)]
    others = [paper(3, entity("LORA")), paper(4, entity("lora")), paper(5, entity("LoRA", label=TASK))]
    nodes = node_ids([*defining, *others])
    assert [list(of.values()) for of in nodes[2:]] == [
        ["method:low-rank-adaptation"],
        ["method:low-rank-adaptation"],
        ["task:low-rank-adaptation"],
    ]
    assert [list(of.values()) for of in node_ids([defining[0], *others])[1:]] == [
        ["method:lora"],
        ["method:lora"],
        ["task:lora"],
    ]


def test_a_paper_that_defines_an_abbreviation_otherwise_is_believed() -> None:
    most = [
        paper(number, entity("Segment Anything", "SAM"), abbreviations=(("SAM", "Segment Anything"),))
        for number in range(9)
    ]
    (other,) = node_ids([*most, paper(9, entity("SAM"), abbreviations=(("SAM", "shared attention memory"),))])[9:]
    assert other == {"SAM": "method:shared-attention-memory"}


def test_a_short_form_without_its_long_form_among_the_surfaces_is_resolved_too() -> None:
    rl = ("RL", "reinforcement learning")
    first, second = node_ids(
        [
            paper(1, entity("reinforcement learning", "RL"), abbreviations=(rl,)),
            paper(2, entity("RL"), abbreviations=(rl,)),
        ]
    )
    assert first["reinforcement learning"] == second["RL"]


@pytest.mark.parametrize(
    ("short", "agreed", "variant", "joined"),
    [
        ("LLM", "large language model", "large language mod-els", True),
        ("RLHF", "reinforcement learning from human feedback", "Reinforcement Learning with Human Feedback", True),
        ("SFT", "supervised fine-tuning", "supervised fune-tuning", True),
        ("RNN", "recurrent neural network", "recursive neural network", False),
        ("SAM", "segment anything model", "sharpness-aware minimization", False),
    ],
)
def test_a_misspelt_long_form_joins_the_agreed_one_and_another_does_not(
    short: str, agreed: str, variant: str, joined: bool
) -> None:
    most = [paper(number, entity(agreed, short), abbreviations=((short, agreed),)) for number in range(9)]
    odd = paper(9, entity(variant, short), abbreviations=((short, variant),))
    nodes = node_ids([*most, odd])
    assert (nodes[9][variant] == nodes[0][agreed]) is joined


def test_a_word_in_another_case_is_no_abbreviation_of_few_papers() -> None:
    odd = paper(0, entity("anchored core search", "ANCHOR"), abbreviations=(("ANCHOR", "anchored core search"),))
    nodes = node_ids([odd, *(paper(number, entity("anchor")) for number in range(1, 5))])
    assert {node for of in nodes[1:] for node in of.values()} == {"method:anchor"}


def test_most_papers_decide_although_few_define_an_abbreviation_in_other_words() -> None:
    usual = [
        ("VLA", "vision-language-action"),
        ("VLA", "vision language action"),
        ("VLA", "Vision-Language Action model"),
    ]
    papers = [paper(number, entity(pair[1], "VLA"), abbreviations=(pair,)) for number, pair in enumerate(usual)]
    nodes = node_ids([*papers, paper(9, entity("VLAs"))])
    assert {node for of in nodes for node in of.values()} == {"method:vision-language-action"}


def test_an_abbreviation_within_a_name_is_written_out() -> None:
    defining = paper(1, entity("language model", "LM"), abbreviations=(("LM", "language model"),))
    nodes = node_ids(
        [
            defining,
            *(
                paper(n, entity(name, label=TASK))
                for n, name in enumerate(["LM alignment", "language model alignment"])
            ),
        ]
    )
    assert nodes[1]["LM alignment"] == nodes[2]["language model alignment"] == "task:language-model-alignment"


def test_a_proper_name_of_several_parts_is_not_written_out() -> None:
    pair = ("ANN", "nearest neighbor")
    (nodes,) = node_ids([paper(1, entity("ANN-Benchmarks"), entity("multi-ANN"), abbreviations=(pair,))])
    assert nodes == {"ANN-Benchmarks": "method:ann-benchmark", "multi-ANN": "method:multi-ann"}


def test_an_abbreviation_within_a_name_means_what_its_paper_says() -> None:
    usual = [
        paper(number, entity("dynamic program", "DP"), abbreviations=(("DP", "dynamic program"),))
        for number in range(9)
    ]
    odd = paper(9, entity("DP training"), abbreviations=(("DP", "differential privacy"),))
    other = paper(10, entity("DP training"))
    *_, first, second, third = node_ids([*usual, odd, other, paper(11, entity("differential privacy training"))])
    assert first["DP training"] == third["differential privacy training"] == "method:differential-privacy-training"
    assert second["DP training"] != first["DP training"]


@pytest.mark.parametrize(("one", "other"), [("GPT-4", "GPT 4"), ("SAM2", "SAM 2"), ("GraphRAG", "Graph-RAG")])
def test_a_proper_name_is_one_in_any_spelling_though_an_abbreviation_is_within(one: str, other: str) -> None:
    longs = {"GPT": "generative pre-trained transformer", "SAM": "segment anything", "RAG": "retrieval generation"}
    defining = [
        paper(number, entity(long, short), abbreviations=((short, long),))
        for number, (short, long) in enumerate(longs.items())
    ]
    *_, first, second = node_ids([*defining, paper(8, entity(one)), paper(9, entity(other))])
    assert first[one] == second[other]


def test_plurals_of_names_in_mixed_case_are_abbreviations_too() -> None:
    defining = paper(1, entity("residual networks", "ResNets"), abbreviations=(("ResNets", "residual networks"),))
    first, second = node_ids([defining, paper(2, entity("ResNet"))])
    assert first["residual networks"] == second["ResNet"]


def test_one_paper_does_not_say_for_many_what_an_abbreviation_means() -> None:
    odd = paper(0, entity("region adjacency graph", "RAG"), abbreviations=(("RAG", "region adjacency graph"),))
    nodes = node_ids([odd, *(paper(number, entity("RAG")) for number in range(1, 20))])
    assert {node for of in nodes[1:] for node in of.values()} == {"method:rag"}


def test_an_abbreviation_of_two_things_stays_apart() -> None:
    anything = paper(1, entity("Segment Anything Model", "SAM"), abbreviations=(("SAM", "Segment Anything Model"),))
    sharpness = paper(
        2, entity("sharpness-aware minimization", "SAM"), abbreviations=(("SAM", "sharpness-aware minimization"),)
    )
    nodes = node_ids([anything, sharpness, paper(3, entity("SAM"))])
    assert [list(of.values()) for of in nodes] == [
        ["method:segment-anything-model"],
        ["method:sharpness-aware-minimization"],
        ["method:sam"],
    ]


def test_entities_of_two_labels_with_one_name_know_each_other() -> None:
    pair = ("TL", "transfer learning")
    papers = [
        paper(1, entity("transfer learning", "TL"), abbreviations=(pair,)),
        paper(2, entity("Transfer-Learning", label=TASK), entity("other", label=DATASET)),
    ]
    entities = link(papers).entities
    assert entities["method:transfer-learning"].same_term == ("task:transfer-learning",)
    assert entities["task:transfer-learning"].same_term == ("method:transfer-learning",)
    assert entities["dataset:other"].same_term == ()


def test_a_surface_that_entities_of_two_labels_share_makes_them_no_same_term() -> None:
    entities = link([paper(1, entity("self-attention", "it")), paper(2, entity("parsing", "it", label=TASK))]).entities
    assert {node.same_term for node in entities.values()} == {()}


def test_an_abbreviation_is_never_resolved_across_labels() -> None:
    task = paper(1, entity("question answering", "QA", label=TASK), abbreviations=(("QA", "question answering"),))
    _, other = node_ids([task, paper(2, entity("QA", label=DATASET))])
    assert other["QA"] == "dataset:qa"


def test_an_entity_that_is_named_by_its_defined_short_form_goes_to_the_long_form() -> None:
    (nodes,) = node_ids(
        [paper(1, entity("GNN", "graph neural network"), abbreviations=(("GNN", "graph neural network"),))]
    )
    assert nodes == {"GNN": "method:graph-neural-network"}


def test_a_surface_that_two_entities_share_does_not_join_them() -> None:
    nodes = node_ids(
        [paper(1, entity("neural attention", "attention")), paper(2, entity("self-attention", "attention"))]
    )
    assert nodes[0]["neural attention"] != nodes[1]["self-attention"]


def test_the_most_frequent_full_spelling_is_shown_and_all_are_aliases() -> None:
    papers = [
        paper(1, entity("Graph Neural Networks", "GNNs")),
        paper(2, entity("graph neural networks", "GNNs")),
        paper(3, entity("graph neural networks")),
    ]
    (node,) = link(papers).entities.values()
    assert (node.name, node.aliases) == (
        "graph neural networks",
        ("GNNs", "Graph Neural Networks", "graph neural networks"),
    )


def test_every_alias_has_a_merge_with_its_reason() -> None:
    pair = ("GNN", "graph neural network")
    papers = [
        paper(1, entity("graph neural network", "GNN", "graph nets"), abbreviations=(pair,)),
        paper(2, entity("graph neural network")),
        paper(3, entity("Graph Neural Networks")),
        paper(4, entity("GNNs")),
    ]
    linker = link(papers)
    (node,) = linker.entities.values()
    assert {merge.alias: (merge.reason, merge.papers) for merge in linker.merges} == {
        "GNN": ("abbreviation: defined in its paper", 1),
        "GNNs": ("abbreviation: GNN stands for it in (nearly) all papers that define it", 1),
        "Graph Neural Networks": ("spelling: case, hyphen, space or plural", 1),
        "graph nets": ("one entity of its paper", 1),
    }
    assert {merge.alias for merge in linker.merges} == set(node.aliases) - {node.name}


NAMES = st.sampled_from(
    [
        "GNN", "GNNs", "gnn", "graph neural network", "Graph-Neural Networks", "graph nets", "C++", "C", "é",
        "GNN training", "training graph neural networks", "ZipNet", "ZipNet framework", "ZipNet model",
        "optimization of networks", "network optimisation", "network optimizaton", "networks",
    ]
)  # fmt: skip
KNOWN = (
    KnownEntity(METHOD, "graph network", ("graph nets", "GNs"), "https://example.org/gn"),
    KnownEntity(TASK, "training", ("networks",)),
)


@st.composite
def extractions(draw: st.DrawFn) -> list[Extraction]:
    made = []
    for number in range(draw(st.integers(0, 5))):
        names = draw(st.lists(NAMES, unique=True, max_size=3))
        entities = [
            entity(name, *draw(st.lists(NAMES, max_size=2)), label=draw(st.sampled_from([METHOD, TASK])))
            for name in names
        ]
        pairs = draw(st.sampled_from([(), (("GNN", "graph neural network"),), (("GNN", "graph nets"),)]))
        made.append(paper(number, *entities, abbreviations=pairs))
    return made


KNOWLEDGE = st.sampled_from([(), KNOWN])


@given(extractions(), KNOWLEDGE, st.randoms())
def test_the_order_of_the_papers_does_not_matter(
    papers: list[Extraction], known: tuple[KnownEntity, ...], random: object
) -> None:
    shuffled = list(papers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = link(papers, known=known), link(shuffled, known=known)
    assert (one.entities, one.merges) == (other.entities, other.merges)
    assert [one.link(extraction) for extraction in papers] == [other.link(extraction) for extraction in papers]


@given(extractions(), KNOWLEDGE)
def test_ids_are_unique_and_every_entity_has_a_node_with_its_surfaces(
    papers: list[Extraction], known: tuple[KnownEntity, ...]
) -> None:
    linker = link(papers, known=known)
    for extraction in papers:
        nodes = linker.link(extraction)
        for one in extraction.entities:
            node = linker.entities[nodes[one.name]]
            assert node.label == one.label
            assert set(one.surfaces) <= set(node.aliases)
            assert node.name in node.aliases
    assert all(node.id == key for key, node in linker.entities.items())


@given(extractions(), KNOWLEDGE)
def test_every_surface_form_but_the_shown_one_has_one_merge(
    papers: list[Extraction], known: tuple[KnownEntity, ...]
) -> None:
    linker = link(papers, known=known)
    surfaces = {
        (linker.link(extraction)[one.name], surface)
        for extraction in papers
        for one in extraction.entities
        for surface in one.surfaces
    }
    shown = {(node.id, node.name) for node in linker.entities.values()}
    assert [(merge.entity_id, merge.alias) for merge in linker.merges] == sorted(surfaces - shown)
    assert all(merge.reason and merge.papers for merge in linker.merges)


@given(extractions())
def test_the_shown_name_is_one_that_papers_use(papers: list[Extraction]) -> None:
    written = {surface for one in papers for entity in one.entities for surface in entity.surfaces}
    written |= {pair.long for one in papers for pair in one.abbreviations}
    assert {node.name for node in link(papers).entities.values()} <= written


@given(extractions(), KNOWLEDGE)
def test_the_same_term_joins_entities_of_two_labels_both_ways(
    papers: list[Extraction], known: tuple[KnownEntity, ...]
) -> None:
    entities = link(papers, known=known).entities
    for node in entities.values():
        for other in map(entities.__getitem__, node.same_term):
            assert other.label != node.label
            assert node.id in other.same_term


def test_papers_are_gone_through_once() -> None:
    linker = link(iter([paper(1, entity("GNN")), paper(2, entity("gnn"))]))  # type: ignore[arg-type]
    assert list(linker.entities) == ["method:gnn"]
