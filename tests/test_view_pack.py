"""The blocks of a page: they hold all of the picture, and nothing in them can end the tag that they stand in."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.graph import build_graph
from kgraph.schema import EDGE_TYPES, LABELS, ROLE_TYPES, SAME_TERM_AS
from kgraph.store import Store, sync_store
from kgraph.view import Answer, Comparison, Core, Ego, Kind, Lineage, Overview, StoredGraph, picture
from kgraph.view.pack import CHUNKS, ROLES, pack
from kgraph.view.picture import MAX_STATEMENTS, Picture, make_picture
from kgraph.view.select import MAX_NETWORK
from kgraph.view.subject import Subject
from kgraph.view.subject.in_memory import GraphInMemory
from tests.strategies import Graph, linked_papers, small_graph
from tests.test_view_kinds import as_rows
from tests.test_view_select import BERT, make_graph, subject_of

META = {"title": "A title", "colour": "type", "server": False, "counts": "1 of 2"}
UNSAFE = re.compile("[<>&\u2028\u2029]")


@pytest.fixture(scope="module")
def small() -> GraphInMemory:
    return GraphInMemory(build_graph(*small_graph()))


def unzipped(block: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(block, validate=True)))


class Blocks:
    """What a script can read from the blocks of a page."""

    def __init__(self, blocks: dict[str, str]) -> None:
        self.blocks = blocks
        self.meta = json.loads(blocks["kg-meta"])
        self.graph = unzipped(blocks["kg-graph"])
        self.nodes, self.lines = self.graph["nodes"], self.graph["lines"]

    def row(self, kind: str, size: str, number: int) -> Any:
        chunk, place = divmod(number, self.meta["chunk"][size])
        return unzipped(self.blocks[f"{kind}-{chunk}"])[place]

    def statement(self, row: list[Any]) -> tuple[Any, ...]:
        """(title, year, url, sentence, score, component, context) of a row."""
        paper, sentence, score, component, *context = row
        title, year, url, sentences = self.row("kg-papers", "papers", paper)
        texts = [None if number is None else sentences[number] for number in (sentence, *context)]
        return (title, year, url, texts[0], score, self.meta["components"][component], *texts[1:])

    def said_of_node(self, number: int) -> list[tuple[Any, ...]]:
        rows = self.row("kg-nodes-said", "nodes", number)["rows"]
        return [(self.meta["roles"][role], *self.statement(row)) for role, *row in rows]

    def said_of_line(self, number: int) -> list[tuple[Any, ...]]:
        return [self.statement(row) for row in self.row("kg-lines-said", "lines", number)]


def blocks_of(subject: Subject, kind: Kind | None = None, limit: int | None = None) -> Blocks:
    return Blocks(pack(make_picture(subject, kind or Core(), limit), META))


def statements_of(picture: Picture, found: Any) -> list[tuple[Any, ...]]:
    """What the page must tell of these statements."""
    told = []
    for one in found:
        paper = picture.evidence.papers[one.paper_id]
        texts = (one.context,) if one.context else ()
        told.append((paper.title, paper.year, paper.url, one.sentence, round(one.score, 2), one.component, *texts))
    return told


@settings(max_examples=60)
@given(linked_papers(max_papers=6), st.integers(1, 3), st.integers(1, 9))
def test_the_blocks_hold_the_picture_and_every_statement_of_its_evidence(graph: Graph, size: int, limit: int) -> None:
    subject = GraphInMemory(build_graph(*graph))
    kinds: list[Kind] = [Core(), Overview(), *(Ego(linked.paper.id) for linked in graph[1][:2])]
    with pytest.MonkeyPatch.context() as patch:
        for name in CHUNKS:
            patch.setitem(CHUNKS, name, size)
        for kind in kinds:
            picture = make_picture(subject, kind, limit)
            check_blocks(Blocks(pack(picture, META)), picture)


def check_blocks(blocks: Blocks, picture: Picture) -> None:
    roles = {type: role for role, type in ROLE_TYPES.items()}
    assert blocks.graph["shown"] == len(picture.places)
    assert {name: len(column) for name, column in blocks.nodes.items() if name != "authors"} == dict.fromkeys(
        (
            "id", "name", "short", "aliases", "label", "papers", "first", "last",
            "community", "url", "x", "y", "size", "more",
        ),
        len(picture.nodes),
    )  # fmt: skip
    for number, node in enumerate(picture.nodes):
        assert (blocks.nodes["id"][number], blocks.nodes["name"][number]) == (node.id, node.name)
        assert blocks.meta["labels"][blocks.nodes["label"][number]]["label"] == node.label
        assert blocks.nodes["authors"].get(str(number), []) == list(node.authors)
        place = (blocks.nodes["x"][number], blocks.nodes["y"][number])
        assert place == (picture.places[number] if number < len(picture.places) else (None, None))
        found = picture.evidence.of_nodes.get(node.id, ())
        expected = statements_of(picture, found)
        assert blocks.said_of_node(number) == [
            (roles[one.type], *told) for one, told in zip(found, expected, strict=True)
        ]
        assert blocks.row("kg-nodes-said", "nodes", number)["total"] == node.papers
    for number, line in enumerate(picture.lines):
        told = {name: column[number] for name, column in blocks.lines.items() if name != "notes"}
        assert blocks.meta["relations"][told["type"]]["type"] == line.type
        assert [blocks.nodes["id"][told[end]] for end in ("source", "target")] == [line.source, line.target]
        assert (told["papers"], told["confidence"], told["total"]) == (line.papers, line.confidence, line.total)
        assert (told["first"] or None, told["last"] or None) == (line.first, line.last)
        assert blocks.lines["notes"].get(str(number), "") == line.note
        assert blocks.said_of_line(number) == statements_of(picture, picture.evidence.of_lines.get(line.key, ()))


@settings(max_examples=60)
@given(linked_papers(), st.text(max_size=20))
def test_no_block_can_end_its_tag(graph: Graph, title: str) -> None:
    found = pack(make_picture(GraphInMemory(build_graph(*graph)), Overview()), META | {"title": title})
    assert json.loads(found["kg-meta"])["title"] == title
    for name, block in found.items():
        assert not UNSAFE.search(block), name
        assert re.fullmatch("[A-Za-z0-9+/]+=*", block) or block[0] in "{["


@settings(max_examples=60)
@given(linked_papers(max_papers=6), st.integers(0, 60))
def test_a_page_without_room_for_all_sentences_has_every_statement(graph: Graph, letters: int) -> None:
    picture = make_picture(GraphInMemory(build_graph(*graph)), Core())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgraph.view.pack.MAX_LETTERS", letters)
        blocks = Blocks(pack(picture, META))
    whole = Blocks(pack(picture, META))
    for number in range(len(picture.nodes)):
        check_rows(blocks.said_of_node(number), whole.said_of_node(number), place=4)
    for number in range(len(picture.lines)):
        check_rows(blocks.said_of_line(number), whole.said_of_line(number), place=3)
    papers = unzipped(blocks.blocks["kg-papers-0"]) if picture.nodes else []
    assert sum(len(text) for *_, sentences in papers for text in sentences) <= letters


def check_rows(rows: list[tuple[Any, ...]], whole: list[tuple[Any, ...]], place: int) -> None:
    """Check that rows differ in nothing but the texts that are left out: the one in this place, and the context."""
    texts = {place, place + 3}
    assert len(rows) == len(whole)
    for row, full in zip(rows, whole, strict=True):
        assert all(
            one == other or (one is None and number in texts)
            for number, (one, other) in enumerate(zip(row, full, strict=True))
        )


@settings(max_examples=30)
@given(linked_papers(), st.randoms(use_true_random=False))
def test_the_order_of_papers_does_not_matter(graph: Graph, shuffle: random.Random) -> None:
    entities, papers = graph
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    one = GraphInMemory(build_graph(entities, papers))
    other = GraphInMemory(build_graph(dict(reversed(entities.items())), mixed))
    for kind in (Core(), Overview(), *(Ego(entity) for entity in sorted(entities)[:2])):
        assert pack(make_picture(one, kind), META) == pack(make_picture(other, kind), META)


@settings(max_examples=25)
@given(graph=linked_papers(max_papers=5))
def test_a_store_makes_the_same_blocks_as_its_graph(ladybug_store: Store, graph: Graph) -> None:
    sync_store(ladybug_store, *graph)
    stored, in_memory = StoredGraph(ladybug_store), GraphInMemory(build_graph(*graph))
    for kind in (Core(), Overview(), *(Ego(linked.paper.id) for linked in graph[1][:1])):
        assert pack(make_picture(stored, kind), META) == pack(make_picture(in_memory, kind), META)


# ---------------------------------------------------------------- what is in them


def test_rows_name_their_paper(small: Subject) -> None:
    blocks = blocks_of(small, Ego("method:gpt", 0))
    title, sentence = "GPT: one decoder for many tasks", "GPT is a Transformer that is trained by language modeling."
    assert blocks.said_of_node(0) == [
        ("proposed", title, 2018, "https://example.org/p2", sentence, 0.9, "kgraph_roles"),
        (
            "compared",
            "BERT reads in both directions",
            2018,
            "https://example.org/p3",
            "We introduce BERT, which stacks Transformers and beats GPT on GLUE.",
            0.9,
            "kgraph_roles",
        ),
    ]
    assert blocks.graph["shown"] == 1
    assert [blocks.nodes[name][0] for name in ("papers", "first", "last", "more")] == [2, 2018, 2018, 0]


def test_each_sentence_of_a_paper_is_there_once(small: Subject) -> None:
    blocks = blocks_of(small)
    papers = unzipped(blocks.blocks["kg-papers-0"])
    assert len(papers) == 5
    for *_, sentences in papers:
        assert len(set(sentences)) == len(sentences) <= 4


def test_a_sentence_that_only_means_the_method_comes_with_the_one_that_names_it(small: Subject) -> None:
    blocks = blocks_of(small)
    transformer, translation = (
        blocks.nodes["id"].index(one) for one in ("method:transformer", "task:machine-translation")
    )
    ends = list(zip(blocks.lines["source"], blocks.lines["target"], strict=True))
    ((*_, sentence, score, component, context),) = blocks.said_of_line(ends.index((transformer, translation)))
    assert (score, component) == (0.75, "kgraph_relations")
    assert sentence.startswith("It reaches")
    assert "Transformer" in context


def test_the_reserve_has_no_place_and_what_is_not_there_is_counted(small: Subject) -> None:
    blocks = blocks_of(small, Core(), 2)
    assert blocks.nodes["id"][:2] == [BERT, "method:transformer"]
    assert (blocks.graph["shown"], blocks.nodes["x"][2:], blocks.nodes["y"][2:]) == (2, [None] * 6, [None] * 6)
    more = dict(zip(blocks.nodes["id"], blocks.nodes["more"], strict=True))
    assert (more[BERT], more["method:attention"]) == (1, 1)  # GLUE, and the task of attention
    nodes = json.loads(blocks.blocks["kg-nodes"])
    assert [node.get("hidden", False) for node in nodes] == [False, False, *[True] * 6]
    assert [node["id"] for node in nodes] == list(range(8))


def test_a_paper_is_a_node_with_its_authors_and_address(small: Subject) -> None:
    blocks = blocks_of(small, Ego("p5"))
    assert blocks.meta["focus"] == 0
    told = {name: column[0] for name, column in blocks.nodes.items() if name != "authors"}
    assert (told["name"], told["url"]) == ("A second look at BERT", "https://example.org/p5")
    assert (told["first"], told["last"], blocks.meta["labels"][told["label"]]["label"]) == (0, 0, "Paper")
    assert blocks.nodes["authors"] == {"0": ["A. Author"]}


def test_every_label_relation_and_role_has_its_words(small: Subject) -> None:
    meta = blocks_of(small).meta
    assert [one["label"] for one in meta["labels"]] == [*LABELS[1:], LABELS[0]]
    assert {one["shape"] for one in meta["labels"]} == {"dot", "square", "diamond", "triangle"}
    assert {one["type"] for one in meta["relations"]} == {*EDGE_TYPES, SAME_TERM_AS}
    assert all(one[word] for one in meta["relations"] for word in ("verb", "out", "in"))
    assert (meta["roles"], len(ROLES)) == (list(ROLE_TYPES), len(ROLE_TYPES))
    assert {name: meta[name] for name in META} == META


def test_what_only_an_answer_has_is_told_in_words_and_figures(small: Subject) -> None:
    blocks = blocks_of(small, Answer(as_rows([(BERT, "dataset:glue", "OCCURS_WITH"), (BERT, "dataset:squad", "NEAR")])))
    relations = blocks.meta["relations"]
    assert [relations[number]["type"] for number in blocks.lines["type"]] == ["NEAR", "OCCURS_WITH"]
    assert relations[-1] == {
        "type": "OCCURS_WITH", "verb": "occurs with", "out": "Occurs with", "in": "Occurs with", "dashes": None,
    }  # fmt: skip
    assert blocks.lines["notes"] == {"0": "papers 1, share 0.1235", "1": "papers 0, share 0.1235"}
    assert [blocks.said_of_line(number) for number in (0, 1)] == [[], []]


def test_bands_tell_years_and_columns(small: Subject) -> None:
    assert blocks_of(small).meta["bands"] is None
    assert [mark["label"] for mark in blocks_of(small, Lineage()).meta["bands"]["marks"]] == ["2017", "2018", "2019"]
    bands = blocks_of(small, Comparison(BERT, "method:gpt")).meta["bands"]
    assert [mark["label"] for mark in bands["marks"]] == ["only BERT", "", "both", "", "only GPT"]
    assert all(mark["from"] < mark["to"] for mark in bands["marks"])
    ends = [mark["to"] for mark in bands["marks"]]
    assert (bands["axis"], ends) == ("x", sorted(ends))


def test_a_page_for_a_server_holds_no_evidence(small: Subject) -> None:
    picture = make_picture(small, Core())
    found = pack(picture, META | {"server": True})
    assert found.keys() == {"kg-meta", "kg-graph", "kg-nodes", "kg-edges", "kg-options"}
    assert pack(picture, META).keys() - found.keys() == {"kg-nodes-said-0", "kg-lines-said-0", "kg-papers-0"}


# ---------------------------------------------------------------- the network


def edges_of(subject: Subject, kind: Kind | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(blocks_of(subject, kind).blocks["kg-edges"])
    return found


def test_lines_that_share_their_ends_are_bent_apart() -> None:
    edges = edges_of(subject_of(("a", "BASED_ON", "b"), ("b", "BASED_ON", "a"), ("a", "COMPARED_WITH", "b")))
    straight, *bent = sorted(edges, key=lambda edge: "smooth" in edge)
    assert "smooth" not in straight
    # seen from its own source, each of the two bends to the same side, and they start from opposite ends
    assert [edge["smooth"]["type"] for edge in bent] == ["curvedCW", "curvedCW"]
    assert bent[0]["from"] == bent[1]["to"]
    assert sum("dashes" in edge for edge in edges) == 1
    assert sum(edge.get("arrows") == "to" for edge in edges) == 2


def test_the_same_term_is_a_thin_dashed_line(small: Subject) -> None:
    (edge,) = edges_of(small, Ego("task:attention"))[:1]
    assert (edge["width"], edge["dashes"], "arrows" in edge) == (1, [2, 5], False)


def test_the_network_has_every_node_and_line_in_their_order(small: Subject) -> None:
    blocks = blocks_of(small)
    nodes, edges = (json.loads(blocks.blocks[name]) for name in ("kg-nodes", "kg-edges"))
    columns = (blocks.nodes["size"], blocks.nodes["x"], blocks.nodes["y"])
    assert [(node["size"], node["x"], node["y"]) for node in nodes if "hidden" not in node] == list(
        zip(*columns, strict=True)
    )[: blocks.graph["shown"]]
    assert [node["group"] for node in nodes] == [
        blocks.meta["labels"][number]["label"] for number in blocks.nodes["label"]
    ]
    assert [(edge["id"], edge["from"], edge["to"]) for edge in edges] == [
        (number, *ends) for number, ends in enumerate(zip(blocks.lines["source"], blocks.lines["target"], strict=True))
    ]


def test_many_nodes_are_drawn_as_a_map_without_the_network(monkeypatch: pytest.MonkeyPatch, small: Subject) -> None:
    assert blocks_of(small).meta["engine"] == "network"
    monkeypatch.setattr(picture, "MAX_NETWORK", 3)
    blocks = blocks_of(small)
    assert blocks.meta["engine"] == "map"
    assert blocks.blocks.keys() == {"kg-meta", "kg-graph", "kg-nodes-said-0", "kg-lines-said-0", "kg-papers-0"}
    assert MAX_NETWORK == 2_000


# ---------------------------------------------------------------- the picture


def test_communities_are_named_after_what_most_papers_speak_of(small: Subject) -> None:
    blocks = blocks_of(small)
    communities, numbers = blocks.meta["communities"], blocks.nodes["community"]
    assert [one["size"] for one in communities] == [numbers.count(number + 1) for number in range(len(communities))]
    named = {community["name"].split(", ")[0] for community in communities}
    assert "BERT" in named or "SQuAD" in named
    assert all(community["size"] >= 3 for community in communities)


def test_a_node_of_more_papers_is_larger(small: Subject) -> None:
    blocks = blocks_of(small, Ego("p3"))
    by_papers = sorted(zip(blocks.nodes["papers"][1:], blocks.nodes["size"][1:], strict=True))
    assert [size for _, size in by_papers] == sorted(size for _, size in by_papers)
    assert (blocks.nodes["size"][0], by_papers[-1]) == (20, (3, 24))


def test_a_large_picture_is_drawn_larger_and_grouped() -> None:
    facts = [(f"m{n:03}", "BASED_ON", f"m{n // 2:03}") for n in range(1, 700)]
    small, large = (make_picture(subject_of(*facts), Core(), limit) for limit in (300, 700))
    assert (small.scale, round(large.scale, 2)) == (1.0, 1.53)
    assert max(large.sizes) > max(small.sizes)
    assert len(set(large.places)) == 700
    assert 1 < len(large.communities) <= 60


def test_a_page_carries_so_many_statements_and_says_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MAX_STATEMENTS", {"network": 24, "map": 10})
    blocks = blocks_of(GraphInMemory(make_graph(("a", "BASED_ON", "b"), papers=30)))
    said = [len(blocks.said_of_line(0)), len(blocks.said_of_node(0)), len(blocks.said_of_node(1))]
    assert said == [8, 8, 8]
    assert blocks.lines["total"] == [30]
    assert [blocks.row("kg-nodes-said", "nodes", number)["total"] for number in (0, 1)] == [30, 30]
    assert MAX_STATEMENTS == {"network": 8_000, "map": 400_000}
