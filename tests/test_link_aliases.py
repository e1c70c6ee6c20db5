"""The user's alias file: it wins over every rule, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgraph.errors import InputError
from kgraph.link import Aliases, Decision, KnownEntity, read_aliases
from kgraph.schema import ENTITY_LABELS, METHOD, TASK
from tests.link_papers import entity, link, node_ids, paper


def aliases_from(tmp_path: Path, text: str) -> Aliases:
    path = tmp_path / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    return read_aliases(path)


def test_the_users_file_joins_parts_and_drops(tmp_path: Path) -> None:
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
    adam = link(papers, aliases).entities[first["Adam"]]
    assert adam.name == "Adam optimizer"
    assert {"ADAM", "adaptive moment estimation", "Adaptive Moment Estimation", "Adam"} < set(adam.aliases)
    assert first["AdaBoost"] != second["Ada-Boost"]
    assert "Deep Learning" not in first


def test_two_entries_of_the_users_file_for_one_name_add_up(tmp_path: Path) -> None:
    entry = '[[same]]\nname = "Adam optimizer"\naliases = ["{}"]\n'
    aliases = aliases_from(tmp_path, entry.format("ADAM") + entry.format("adaptive moment estimation"))
    (node,) = link([paper(1, entity("Adam"))], aliases).entities.values()
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


def test_a_renamed_entity_is_found_by_any_of_its_names_and_keeps_its_id(tmp_path: Path) -> None:
    aliases = aliases_from(tmp_path, '[[rename]]\nname = "GNNs"\nto = "Graph nets (GNN)"\n')
    pair = ("GNN", "graph neural network")
    papers = [paper(1, entity("graph neural network", "GNN"), abbreviations=(pair,)), paper(2, entity("GNNs"))]
    (node,) = link(papers, aliases).entities.values()
    assert (node.id, node.name) == ("method:graph-neural-network", "Graph nets (GNN)")
    assert set(node.aliases) == {"Graph nets (GNN)", "graph neural network", "GNN", "GNNs"}
    assert {merge.alias for merge in link(papers, aliases).merges} == set(node.aliases) - {node.name}


def test_a_new_name_may_be_given_to_what_the_file_joins(tmp_path: Path) -> None:
    text = '[[same]]\nname = "a"\naliases = ["b"]\n[[rename]]\nname = "b"\nto = "c"\n'
    (node,) = link([paper(1, entity("b"))], aliases_from(tmp_path, text)).entities.values()
    assert (node.id, node.name, node.aliases) == ("method:a", "c", ("a", "b", "c"))


def test_a_dropped_entity_is_dropped_by_any_of_its_names_and_in_its_label_only(tmp_path: Path) -> None:
    aliases = aliases_from(tmp_path, '[[drop]]\nlabel = "Method"\nnames = ["GNN"]\n')
    defining = paper(1, entity("graph neural network", "GNN"), abbreviations=(("GNN", "graph neural network"),))
    assert node_ids([defining, paper(2, entity("GNN", label=TASK))], aliases)[0] == {}
    assert [
        node.label for node in link([defining, paper(2, entity("GNN", label=TASK))], aliases).entities.values()
    ] == [TASK]


def test_the_users_file_wins_over_the_knowledge_base(tmp_path: Path) -> None:
    known = (KnownEntity(METHOD, "low-rank adaptation", ("LoRA", "low-rank adapters"), "https://example.org"),)
    text = """
    [[same]]
    name = "LoRA (Hu et al.)"
    aliases = ["LoRA"]
    [[different]]
    names = ["low-rank adapters"]
    """
    papers = [paper(1, entity("LoRA"), entity("low-rank adapters"), entity("Low-rank adaptation"))]
    (nodes,) = node_ids(papers, aliases_from(tmp_path, text), known)
    assert len(set(nodes.values())) == 3
    assert nodes["Low-rank adaptation"] == "method:low-rank-adaptation"


def test_what_is_known_of_an_entity_follows_the_users_name_for_it(tmp_path: Path) -> None:
    known = (KnownEntity(METHOD, "low-rank adaptation", ("LoRA", "low-rank adapters"), "https://example.org"),)
    aliases = aliases_from(tmp_path, '[[same]]\nname = "LORA"\naliases = ["low-rank adaptation"]\n')
    (nodes,) = node_ids([paper(1, entity("LoRA"), entity("low-rank adapters"))], aliases, known)
    assert set(nodes.values()) == {"method:lora"}


def test_a_third_spelling_of_names_that_stay_apart_has_a_node_too(tmp_path: Path) -> None:
    aliases = aliases_from(tmp_path, '[[different]]\nnames = ["AdaBoost", "Ada-Boost"]\n')
    first, second, third = node_ids([paper(n, entity(f"Ada{sign}Boost")) for n, sign in enumerate(" -_")], aliases)
    assert first["Ada Boost"] == third["Ada_Boost"] == "method:ada-boost"
    assert second["Ada-Boost"] != first["Ada Boost"]


def test_names_that_no_entity_bears_are_told(tmp_path: Path) -> None:
    text = """
    [[same]]
    name = "shown only"
    aliases = ["ZipNet", "ZapNet"]
    [[different]]
    names = ["Zip-Net", "ZupNet"]
    [[rename]]
    name = "ZopNet"
    to = "Zop"
    [[drop]]
    label = "Task"
    names = ["Gone", "gone too"]
    """
    papers = [paper(1, entity("ZipNet"), entity("gone"), entity("Gone too", label=TASK))]
    assert link(papers, aliases_from(tmp_path, text)).unmatched == (
        Decision("same", "ZapNet", ENTITY_LABELS),
        Decision("different", "ZupNet", ENTITY_LABELS),
        Decision("rename", "ZopNet", ENTITY_LABELS),
        Decision("drop", "Gone", (TASK,)),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[same]\n", "line 1"),
        ("[[equal]]\nname = 'x'\n", "unknown table [[equal]]"),
        ("[same]\nname = 'x'\n", "two brackets"),
        ("[[same]]\nname = 'x'\n", "takes aliases, name"),
        ("[[drop]]\nnames = 'x'\n", "[[drop]]: names must be a list of names"),
        ("[[drop]]\nlabel = 'Metric'\nnames = ['x']\n", "[[drop]]: label 'Metric' is none of"),
        ("[[same]]\nname = 3\naliases = ['x']\n", "[[same]]: name must be a name"),
        (
            "[[same]]\nname = 'a'\naliases = ['x']\n[[same]]\nname = 'b'\naliases = ['X']\n",
            "[[same]]: 'X' cannot be both 'a' and 'b'",
        ),
        ("[[rename]]\nname = 'x'\n", "[[rename]] takes name, to"),
        ("[[rename]]\nname = 'x'\nto = ' '\n", "[[rename]]: to must be a name"),
        ("[[rename]]\nname = 'x'\nto = 'a'\n[[rename]]\nname = 'X'\nto = 'b'\n", "[[rename]]: 'X' cannot be both"),
    ],
)
def test_a_wrong_alias_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InputError, match="aliases.toml") as error:
        aliases_from(tmp_path, text)
    assert reason in str(error.value)


def test_a_missing_alias_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_aliases(tmp_path / "none.toml")
