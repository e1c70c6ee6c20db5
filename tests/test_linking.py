"""Linking over records: whatever changed, and however often, it is as if all papers were linked at once."""

from __future__ import annotations

import tempfile
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph import linking
from kgraph.link import NO_ALIASES, Aliases, KnowledgeBase, KnownEntity, link_mentions, linker, read_aliases
from kgraph.linked import LinkedRecords
from kgraph.linking import Linked, link_records
from kgraph.records import Records, open_records
from kgraph.revisions import BUCKETS, paper_revision
from kgraph.schema import DATASET, METHOD, TASK, Abbreviation, Entity, Evidence, Extraction, Merge, Paper, PaperEntity

KNOWLEDGE = KnowledgeBase(
    [
        KnownEntity(METHOD, "Low-Rank Adaptation", ("LoRA", "low rank adapters"), "https://example.org/lora"),
        KnownEntity(TASK, "Object Detection", ("OD",)),
        KnownEntity(METHOD, "large language model", ("LLM", "language model")),
    ]
)
NAMES = (
    "LoRA", "LoRAs", "Low-Rank Adaptation", "low rank adapters", "LoRA framework", "GNN", "GNNs",
    "graph neural network", "Graph Neural Networks", "graph nueral network", "GNN model",
    "graph neural networks method", "gated neural net",
    "LLM alignment", "alignment of LLMs", "large language model alignment", "LLM", "Object Detection", "OD", "od",
    "SeedNet", "SeedNet model", "Seednet", "SeedNets", "detecting objects", "object detection with GNNs",
    "neural transformer", "neural tranformer", "transformer", "transformers", "Adam", "ADAM", "Ad-am",
)  # fmt: skip
PAIRS = (
    ("GNN", "graph neural network"), ("GNN", "gated neural net"), ("GNNs", "graph neural networks"),
    ("LLM", "large language model"), ("OD", "opinion dynamics"), ("SN", "SeedNet"), ("LoRA", "Low-Rank Adaptation"),
)  # fmt: skip


def _aliases(text: str) -> Aliases:
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        return read_aliases(Path(file.name))


ALIASES = (
    NO_ALIASES,
    _aliases('[[same]]\nname = "SeedNet"\naliases = ["GNN", "neural transformer"]\n'),
    _aliases('[[different]]\nnames = ["Adam", "ADAM", "Ad-am"]\n[[drop]]\nnames = ["LoRA"]\n'),
    _aliases('[[rename]]\nname = "GNN"\nto = "Graph network"\n[[rename]]\nname = "nobody"\nto = "x"\n'),
)
Naming = tuple[tuple[tuple[str, str, tuple[str, ...]], ...], tuple[tuple[str, str], ...]]
State = tuple[list[Entity], list[Merge], list[tuple[str, int]], list[tuple[str, dict[str, str]]]]


@pytest.fixture(autouse=True)
def frequent_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a word be frequent in a corpus of a few papers."""
    for module in (linker, linking):
        monkeypatch.setattr(module, "FREQUENT", 3)


def _entity(label: str, name: str, surfaces: tuple[str, ...]) -> PaperEntity:
    return PaperEntity(label, name, (name, *surfaces), "used", 0.5, Evidence("A sentence.", 0, 11), (), "test")


def _extraction(paper_id: str, naming: Naming) -> Extraction:
    entities, pairs = naming
    abbreviations = tuple(Abbreviation(*pair) for pair in pairs)
    return Extraction(paper_id, tuple(_entity(*entity) for entity in entities), (), abbreviations)


def namings() -> st.SearchStrategy[Naming]:
    names = st.sampled_from(NAMES)
    entity = st.tuples(st.sampled_from((METHOD, METHOD, TASK, DATASET)), names, st.lists(names, max_size=2).map(tuple))
    entities = st.lists(entity, max_size=4, unique_by=lambda one: one[1]).map(tuple)
    return st.tuples(entities, st.lists(st.sampled_from(PAIRS), max_size=2).map(tuple))


def write(records: Records, papers: dict[str, Naming]) -> None:
    """Make the records hold just these papers."""
    known = {paper.id: extraction for paper, extraction in records.papers()}
    records.remove_papers(known.keys() - papers.keys())
    wanted = {paper_id: _extraction(paper_id, naming) for paper_id, naming in papers.items()}
    new = sorted(papers.keys() - known.keys())
    records.add_papers([Paper(paper_id, f"A title of {paper_id}", "A sentence.") for paper_id in new])
    records.add_extractions([one for key, one in wanted.items() if known.get(key) != one], "test")


def state(records: Records) -> State:
    links, source = records.links, LinkedRecords(records)
    papers = [(paper.id, links.linked_paper(paper.id)[0]) for paper, _ in records.papers()]
    for linked in source.papers():
        assert linked.revision == paper_revision(linked.paper, linked.statements)
    revisions = [pair for kind in ("papers", "entities") for pair in source.revisions(kind, range(BUCKETS)).items()]
    return [node for node, _ in links.all_nodes()], links.merges(), revisions, papers


def at_once(papers: dict[str, Naming], aliases: Aliases) -> State:
    with open_records(":memory:") as records:
        write(records, papers)
        link_records(records, aliases, KNOWLEDGE)
        return state(records)


@given(st.data())
@settings(max_examples=100)
def test_changes_one_by_one_are_as_all_at_once(data: st.DataObject) -> None:
    papers: dict[str, Naming] = {}
    with open_records(":memory:") as records:
        for _ in range(data.draw(st.integers(2, 5))):
            ids = st.sampled_from([f"p{number}" for number in range(8)])
            papers |= data.draw(st.dictionaries(ids, namings(), max_size=4))
            for gone in data.draw(st.lists(st.sampled_from(sorted(papers) or ["p0"]), max_size=2)):
                papers.pop(gone, None)
            aliases = data.draw(st.sampled_from(ALIASES))
            write(records, papers)
            linked = link_records(records, aliases, KNOWLEDGE)
        assert state(records) == at_once(papers, aliases)
        assert linked.entities == len(state(records)[0])


@given(st.lists(namings(), max_size=8), st.sampled_from(ALIASES))
def test_records_are_linked_as_mentions_are(found: list[Naming], aliases: Aliases) -> None:
    extractions = [_extraction(f"p{number}", naming) for number, naming in enumerate(found)]
    expected = link_mentions(extractions, aliases, KNOWLEDGE)
    with open_records(":memory:") as records:
        write(records, {f"p{number}": naming for number, naming in enumerate(found)})
        linked = link_records(records, aliases, KNOWLEDGE)
        nodes, merges, _, papers = state(records)
    assert nodes == sorted(expected.entities.values(), key=attrgetter("id"))
    assert merges == list(expected.merges)
    assert papers == [(one.paper_id, expected.link(one)) for one in extractions]
    assert linked.unmatched == expected.unmatched


def named(*names: str, defined: tuple[tuple[str, str], ...] = ()) -> Naming:
    return tuple((METHOD, name, ()) for name in names), defined


def link_one_by_one(*steps: dict[str, Naming | None]) -> list[tuple[Linked, dict[str, str]]]:
    """Add, change or (None) remove papers step by step; return each linking, with the node of every first name."""
    papers: dict[str, Naming] = {}
    done = []
    with open_records(":memory:") as records:
        for step in steps:
            papers = {key: naming for key, naming in (papers | step).items() if naming is not None}
            write(records, papers)
            linked = link_records(records, NO_ALIASES, KNOWLEDGE)
            assert state(records) == at_once(papers, NO_ALIASES)
            nodes = {key: records.links.linked_paper(key)[0] for key in papers}
            done.append((linked, {key: next(iter(found.values())) for key, found in nodes.items()}))
    return done


def test_a_word_that_becomes_frequent_explains_the_slip_of_an_older_paper() -> None:
    two = {"a": named("neural transformer"), "b": named("neural transformer"), "slip": named("neural tranformer")}
    before, after, again = link_one_by_one(two, {"c": named("vision transformer")}, {"c": None})
    assert before[1]["slip"] == again[1]["slip"] == "method:neural-tranformer"
    assert after[1]["slip"] == "method:neural-transformer"


def test_an_abbreviation_that_is_defined_later_joins_older_papers_and_parts_them_again() -> None:
    old = {"short": named("GNN"), "inner": named("GNN pruning"), "full": named("graph neural network pruning")}
    long: Naming = ((METHOD, "graph neural network", ("GNN",)),), (("GNN", "graph neural network"),)
    before, after, again = link_one_by_one(old, {"long": long}, {"long": None})
    assert before[1]["short"] == "method:gnn"
    assert before[1]["inner"] != before[1]["full"]
    assert after[1]["short"] == after[1]["long"] == "method:graph-neural-network"
    assert after[1]["inner"] == after[1]["full"]
    assert again[1] == before[1]


def test_only_papers_that_are_touched_are_linked_again() -> None:
    many = {f"p{number}": named(name) for number, name in enumerate(NAMES)}
    first, second, third = link_one_by_one(many, {"new": named("a method of its own")}, {})
    assert first[0].papers == len(NAMES)
    assert second[0].papers <= 2
    assert third[0].papers == 0


GNN = ("GNN", "graph neural network")
TWO_DEFINE_GNN = {"q1": named(defined=(GNN,)), "q2": named(defined=(GNN,))}
SEVERAL_RESNETS = {f"r{number}": named(defined=(("RN", "ResNet"),)) for number in (1, 2)}
A_LONG_RESNET = {f"l{number}": named(defined=(("ResNet", "residual network"),)) for number in (1, 2)}
DROP = '[[drop]]\nnames = ["GNN"]\n'
RENAME = '[[rename]]\nname = "GNN"\nto = "Graph net"\n'
SAME = '[[same]]\nname = "SeedNet"\naliases = ["GNN"]\n'
APART = '[[different]]\nnames = ["SNs"]\n'


@pytest.mark.parametrize(
    ("papers", "others", "aliases"),
    [
        pytest.param({"p": named(GNN[1])}, TWO_DEFINE_GNN, (DROP, DROP), id="what a dropped abbreviation meant"),
        pytest.param({"p": named(GNN[1])}, TWO_DEFINE_GNN, (RENAME, RENAME), id="what a renamed abbreviation meant"),
        pytest.param({"p": named(GNN[1]), "m": named("GNN method")} | TWO_DEFINE_GNN, {}, ("", SAME),
                     id="a general word"),
        pytest.param({"p": named("SNs")}, {}, ("", APART), id="a plural of capitals"),
        pytest.param({"p": named("RN"), "z": named("residual network")} | SEVERAL_RESNETS, A_LONG_RESNET, ("", ""),
                     id="an abbreviation of an abbreviation"),
        pytest.param({"p": (((METHOD, "graph neural network pruning", ("GNN pruning",)),), ())}, TWO_DEFINE_GNN,
                     ("", ""), id="the reason of a merge"),
    ],
)  # fmt: skip
def test_there_and_back_again(papers: dict[str, Naming], others: dict[str, Naming], aliases: tuple[str, str]) -> None:
    nothing = KnowledgeBase([])
    one, other = (papers, _aliases(aliases[0])), (papers | others, _aliases(aliases[1]))
    with open_records(":memory:") as records:
        for wanted, decided in (one, other, one):
            write(records, wanted)
            linked = link_records(records, decided, nothing)
            with open_records(":memory:") as fresh:
                write(fresh, wanted)
                assert link_records(fresh, decided, nothing).unmatched == linked.unmatched
                assert state(fresh) == state(records)


def test_spellings_that_are_kept_apart_have_ids_of_their_own() -> None:
    names = ("Ada Boost", "Ada-Boost", "AdaBoost")
    papers: dict[str, Naming] = {f"p{at}": (((METHOD, name, ("boosting",)),), ()) for at, name in enumerate(names)}
    with open_records(":memory:") as records:
        write(records, papers)
        link_records(records, _aliases('[[different]]\nnames = ["Ada Boost", "AdaBoost"]\n'))
        ids = {name: records.links.linked_paper(f"p{at}")[0][name] for at, name in enumerate(names)}
    assert ids["Ada Boost"].startswith("method:ada-boost-")
    assert ids["AdaBoost"] == ids["Ada-Boost"] == "method:adaboost"


def test_other_rules_link_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_records(":memory:") as records:
        write(records, {"p": named("SeedNet")})
        assert link_records(records).papers == 1
        assert link_records(records).papers == 0
        monkeypatch.setattr(linking, "_rules_version", lambda: "another")
        assert link_records(records).papers == 1


def test_a_paper_whose_own_fields_change_gets_another_revision() -> None:
    with open_records(":memory:") as records:
        write(records, {"p": named("SeedNet")})
        link_records(records)
        before = records.links.linked_paper("p")
        records.add_papers([Paper("p", "A title of p", "A sentence.", url="https://example.org")])
        assert link_records(records).papers == 1
        after = records.links.linked_paper("p")
    assert (after[0], after[1] != before[1]) == (before[0], True)


def test_a_linking_that_fails_leaves_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_records(":memory:") as records:
        write(records, {"p": named("SeedNet")})
        link_records(records)
        before = state(records)
        write(records, {"p": named("SeedNet"), "q": named("GNN")})

        def stop(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            link_records(records, on_progress=stop)
        assert records.links.changed_papers() == ["q"]
        assert [node for node, _ in records.links.all_nodes()] == before[0]
        link_records(records)
        assert records.links.changed_papers() == []
