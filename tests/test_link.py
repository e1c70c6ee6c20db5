"""Linking: which names share a node, why, and that the order of the papers does not matter."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.errors import InputError
from kgraph.link import NO_ALIASES, Aliases, entity_id, link_mentions, normal_form, read_aliases
from kgraph.schema import DATASET, METHOD, TASK, Abbreviation, Evidence, Extraction, PaperEntity

EVIDENCE = Evidence("A sentence.", 0, 11)


def entity(name: str, *surfaces: str, label: str = METHOD) -> PaperEntity:
    return PaperEntity(label, name, (name, *surfaces), "used", 0.5, EVIDENCE, (), "test")


def paper(number: int, *entities: PaperEntity, abbreviations: tuple[tuple[str, str], ...] = ()) -> Extraction:
    return Extraction(f"p{number}", entities, (), tuple(Abbreviation(*pair) for pair in abbreviations))


def node_ids(papers: list[Extraction], aliases: Aliases = NO_ALIASES) -> list[dict[str, str]]:
    linker = link_mentions(papers, aliases)
    return [linker.link(extraction) for extraction in papers]


def aliases_from(tmp_path: Path, text: str) -> Aliases:
    path = tmp_path / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    return read_aliases(path)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Graph-Neural Networks", ("graph", "neural", "network")),
        ("C++", ("c++",)),
        ("A*", ("a*",)),
        ("pre-training", ("pre", "training")),
        ("loss", ("loss",)),
        ("GANs", ("gan",)),
        ("time series analysis", ("time", "series", "analysis")),
        ("Bayes' rule", ("bayes", "rule")),
        ("Newton’s method", ("newton", "method")),
        ("KV caches", ("kv", "cache")),
        ("batch sizes", ("batch", "size")),
        ("event cameras", ("event", "camera")),
        ("matrices", ("matrix",)),
        ("LMs", ("lm",)),
        ("LoRAs", ("lora",)),
        ("VITS", ("vits",)),
        ("AdamS", ("adams",)),
        ("GRAPH NEURAL NETWORKS", ("graph", "neural", "network")),
        ("statistics", ("statistics",)),
        ("metrics", ("metric",)),
        ("similarities", ("similarity",)),
        ("hash boxes", ("hash", "box")),
        ("！？", ("!?",)),
    ],
)
def test_a_normal_form_has_no_case_hyphen_or_plural(name: str, form: tuple[str, ...]) -> None:
    assert normal_form(name) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("graph neural network", "Graph Neural Networks"),
        ("fine-tuning", "finetuning"),
        ("Fine Tuning", "fine-tuning"),
        ("sim–to–real", "sim-to-real"),
        ("Newton's method", "Newton method"),
        ("GPT-4", "GPT4"),
    ],
)
def test_spellings_of_one_name_share_a_node(one: str, other: str) -> None:
    first, second = node_ids([paper(1, entity(one)), paper(2, entity(other))])
    assert first[one] == second[other]


@pytest.mark.parametrize(
    ("one", "other"),
    [("ViT", "VITS"), ("Llama 2 7B", "Llama 27B"), ("CIFAR-10.0", "CIFAR-100"), ("YOLOv1.0", "YOLOv10")],
)
def test_names_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    first, second = node_ids([paper(1, entity(one)), paper(2, entity(other))])
    assert first[one] != second[other]


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


def test_a_longer_abbreviation_is_known_in_any_case() -> None:
    defining = paper(1, entity("Low-Rank Adaptation", "LoRA"), abbreviations=(("LoRA", "Low-Rank Adaptation"),))
    nodes = node_ids([defining, paper(2, entity("LORA")), paper(3, entity("lora"))])
    assert {node for of in nodes for node in of.values()} == {"method:low-rank-adaptation"}


def test_a_paper_that_defines_an_abbreviation_otherwise_is_believed() -> None:
    most = [
        paper(number, entity("Segment Anything", "SAM"), abbreviations=(("SAM", "Segment Anything"),))
        for number in range(9)
    ]
    (other,) = node_ids([*most, paper(9, entity("SAM"), abbreviations=(("SAM", "shared attention memory"),))])[9:]
    assert other == {"SAM": "method:sam"}


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
    (node,) = link_mentions(papers).entities.values()
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
    linker = link_mentions(papers)
    (node,) = linker.entities.values()
    assert {merge.alias: (merge.reason, merge.papers) for merge in linker.merges} == {
        "GNN": ("abbreviation: defined in its paper", 1),
        "GNNs": ("abbreviation: GNN stands for it in 1 of 1 papers that define it", 1),
        "Graph Neural Networks": ("spelling: case, hyphen, space or plural", 1),
        "graph nets": ("one entity of its paper", 1),
    }
    assert {merge.alias for merge in linker.merges} == set(node.aliases) - {node.name}


def test_the_users_file_joins_renames_parts_and_drops(tmp_path: Path) -> None:
    aliases = aliases_from(
        tmp_path,
        """
        [[same]]
        name = "Adam optimizer"
        aliases = ["ADAM", "adaptive moment estimation"]
        [[different]]
        label = "Method"
        names = ["AdaBoost", "Ada-Boost"]
        [[drop]]
        names = ["deep learning"]
        """,
    )
    papers = [
        paper(1, entity("Adam"), entity("AdaBoost"), entity("Deep Learning")),
        paper(2, entity("Adaptive Moment Estimation"), entity("Ada-Boost")),
    ]
    first, second = node_ids(papers, aliases)
    assert first["Adam"] == second["Adaptive Moment Estimation"]
    adam = link_mentions(papers, aliases).entities[first["Adam"]]
    assert adam.name == "Adam optimizer"
    assert {"ADAM", "adaptive moment estimation", "Adaptive Moment Estimation", "Adam"} < set(adam.aliases)
    assert first["AdaBoost"] != second["Ada-Boost"]
    assert "Deep Learning" not in first


def test_two_entries_of_the_users_file_for_one_name_add_up(tmp_path: Path) -> None:
    entry = '[[same]]\nname = "Adam optimizer"\naliases = ["{}"]\n'
    aliases = aliases_from(tmp_path, entry.format("ADAM") + entry.format("adaptive moment estimation"))
    (node,) = link_mentions([paper(1, entity("Adam"))], aliases).entities.values()
    assert {"ADAM", "adaptive moment estimation"} < set(node.aliases)


def test_the_users_file_wins_over_an_abbreviation(tmp_path: Path) -> None:
    aliases = aliases_from(tmp_path, '[[same]]\nlabel = "Method"\nname = "Segment Anything"\naliases = ["SAM"]\n')
    sharpness = paper(
        1, entity("sharpness-aware minimization", "SAM"), abbreviations=(("SAM", "sharpness-aware minimization"),)
    )
    first, second = node_ids([sharpness, paper(2, entity("SAM"))], aliases)
    assert first["sharpness-aware minimization"] == "method:sharpness-aware-minimization"
    assert second["SAM"] == "method:segment-anything"


def test_the_users_file_is_asked_for_the_long_form_too(tmp_path: Path) -> None:
    aliases = aliases_from(tmp_path, '[[same]]\nname = "LoRA"\naliases = ["low-rank adaptation"]\n')
    defining = paper(1, entity("Low-Rank Adaptation", "LRA"), abbreviations=(("LRA", "Low-Rank Adaptation"),))
    first, second = node_ids([defining, paper(2, entity("LRA"))], aliases)
    assert set(first.values()) == set(second.values()) == {"method:lora"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[same]\n", "line 1"),
        ("[[equal]]\nname = 'x'\n", "unknown table [[equal]]"),
        ("[same]\nname = 'x'\n", "two brackets"),
        ("[[same]]\nname = 'x'\n", "takes aliases, name"),
        ("[[drop]]\nnames = 'x'\n", "lists names"),
        ("[[drop]]\nlabel = 'Metric'\nnames = ['x']\n", "label 'Metric'"),
        ("[[same]]\nname = 3\naliases = ['x']\n", "no string"),
        ("[[same]]\nname = 'a'\naliases = ['x']\n[[same]]\nname = 'b'\naliases = ['X']\n", "alias of both 'a' and 'b'"),
    ],
)
def test_a_wrong_alias_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InputError, match="aliases.toml") as error:
        aliases_from(tmp_path, text)
    assert reason in str(error.value)


def test_a_missing_alias_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_aliases(tmp_path / "none.toml")


NAMES = st.sampled_from(
    ["GNN", "GNNs", "gnn", "graph neural network", "Graph-Neural Networks", "graph nets", "C++", "C", "é"]
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


@given(extractions(), st.randoms())
def test_the_order_of_the_papers_does_not_matter(papers: list[Extraction], random: object) -> None:
    shuffled = list(papers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = link_mentions(papers), link_mentions(shuffled)
    assert (one.entities, one.merges) == (other.entities, other.merges)
    assert [one.link(extraction) for extraction in papers] == [other.link(extraction) for extraction in papers]


@given(extractions())
def test_ids_are_unique_and_every_entity_has_a_node_with_its_surfaces(papers: list[Extraction]) -> None:
    linker = link_mentions(papers)
    for extraction in papers:
        nodes = linker.link(extraction)
        for one in extraction.entities:
            node = linker.entities[nodes[one.name]]
            assert node.label == one.label
            assert set(one.surfaces) <= set(node.aliases)
    assert len(linker.entities) == len({node.id for node in linker.entities.values()})
