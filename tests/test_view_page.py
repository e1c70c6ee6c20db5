"""The page: what is in the file, and that no text of a paper can become part of its code."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.errors import NotFoundError, UsageError
from kgraph.graph import KnowledgeGraph, build_graph
from kgraph.schema import EDGE_TYPES, METHOD, RELATION_TYPES, ROLE_TYPES, SAME_TERM_AS, Entity, Paper
from kgraph.view import page, render_view, write_view
from kgraph.view.page import MAX_STATEMENTS, WORDS, paper_link
from tests.strategies import Graph, linked_papers, make_linked_paper, small_graph
from tests.test_view_select import make_graph

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "we parse the href attribute",
    "\"'`><b>bold</b> & &amp;",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "javascript:alert(1)",
    "line\u2028and\u2029paragraph",
    "👩‍🔬 مرحبا \u202eשלום 𝔛",
    "__proto__",
)


class Parsed(HTMLParser):
    """What a browser finds in a page: its tags, and its scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)

    def block(self, name: str) -> Any:
        (text,) = [text for attributes, text in self.scripts if attributes.get("id") == name]
        return json.loads(text)

    @property
    def policy(self) -> str:
        (found,) = [attributes["content"] for _, attributes in self.tags if "http-equiv" in attributes]
        assert found is not None
        return found


@pytest.fixture(scope="module")
def small() -> KnowledgeGraph:
    return build_graph(*small_graph())


def hostile_graph(texts: tuple[str, ...] = HOSTILE) -> KnowledgeGraph:
    """A graph that has these texts everywhere a text can be: names, aliases, titles, sentences, addresses."""
    entities, linked = small_graph()
    # The task of attention, which a picture of all leaves out, comes last.
    entities = dict(sorted(entities.items(), key=lambda item: item[0] == "task:attention"))
    said = [texts[number % len(texts)] for number in range(len(entities))]
    entities = {
        key: replace(entity, name=text, aliases=tuple(sorted({text, texts[0]})), url=text)
        for (key, entity), text in zip(entities.items(), said, strict=True)
    }
    papers = []
    for number, one in enumerate(linked):
        text = texts[number % len(texts)]
        paper = replace(one.paper, title=text, url=text, authors=(text,), doi=text)
        stated = [replace(each, sentence=text, context=f"{text} and {text}", component=text) for each in one.statements]
        papers.append(make_linked_paper(paper, stated))
    return build_graph(entities, papers)


def test_counts(small: KnowledgeGraph) -> None:
    view = render_view(small, focus="method:bert")
    assert view.nodes == 7
    assert view.edges == len(Parsed(view.html).block("kg-edges"))
    assert f"7 of 11 entities · {view.edges} relations · 6 papers" in view.html
    assert "2 of 11 entities · 0 relations · 6 papers" in render_view(small, focus="task:attention").html


def test_same_graph_same_bytes(small: KnowledgeGraph) -> None:
    entities, linked = small_graph()
    again = build_graph(entities, reversed(linked))
    assert render_view(small, title="a").html == render_view(again, title="a").html


def test_unknown_focus(small: KnowledgeGraph) -> None:
    with pytest.raises(NotFoundError):
        render_view(small, focus="nothing")


def test_an_empty_graph_has_an_empty_page() -> None:
    view = render_view(build_graph({}, []))
    assert (view.nodes, view.edges) == (0, 0)


def test_every_statement_is_in_the_page(small: KnowledgeGraph) -> None:
    details = Parsed(render_view(small).html).block("kg-details")
    in_lines = [(row[0], details["sentences"][row[2]]) for line in details["lines"] for row in line["statements"]]
    in_nodes = [(row[0], details["sentences"][row[2]]) for node in details["nodes"] for row in node["roles"]]
    drawn = {node["id"] for node in details["nodes"]}
    edges = [
        (edge["type"], edge["sentence"]) for _, end, edge in small.edges(data=True) if end in drawn and len(edge) > 1
    ]
    assert sorted(in_lines) == sorted(edge for edge in edges if edge[0] in RELATION_TYPES)
    assert sorted(in_nodes) == sorted(edge for edge in edges if edge[0] in ROLE_TYPES.values())
    assert all(line["total"] == len(line["statements"]) for line in details["lines"])


def test_rows_name_their_paper(small: KnowledgeGraph) -> None:
    details = Parsed(render_view(small, focus="method:gpt", depth=0).html).block("kg-details")
    (node,) = details["nodes"]
    (proposed, compared) = node["roles"]
    assert proposed == ["PROPOSES", 0, 0, [[0, 3]], 0.9, 0]
    assert compared == ["COMPARES", 1, 1, [[55, 58]], 0.9, 0]
    assert details["components"] == ["kgraph_roles"]
    assert details["papers"][0] == ["GPT: one decoder for many tasks", 2018, "https://example.org/p2"]
    assert details["sentences"][0] == "GPT is a Transformer that is trained by language modeling."
    assert (node["papers"], node["years"], node["hidden"]) == (2, [2018], 3)


def test_focus_on_a_paper(small: KnowledgeGraph) -> None:
    details = Parsed(render_view(small, focus="p5").html).block("kg-details")
    first = details["nodes"][details["focus"]]
    assert (first["label"], first["name"], first["url"]) == ("Paper", "A second look at BERT", "https://example.org/p5")
    assert first["years"] == []


def test_lines_that_share_their_ends_are_bent_apart() -> None:
    graph = make_graph(("a", "BASED_ON", "b"), ("b", "BASED_ON", "a"), ("a", "COMPARED_WITH", "b"))
    edges = Parsed(render_view(graph).html).block("kg-edges")
    straight, *bent = sorted(edges, key=lambda edge: "smooth" in edge)
    assert "smooth" not in straight
    # seen from its own source, each of the two bends to the same side, and they start from opposite ends
    assert [edge["smooth"]["type"] for edge in bent] == ["curvedCW", "curvedCW"]
    assert bent[0]["from"] == bent[1]["to"]
    assert sum("dashes" in edge for edge in edges) == 1
    assert sum(edge.get("arrows") == "to" for edge in edges) == 2


def test_every_type_has_its_words() -> None:
    assert set(WORDS) == {*EDGE_TYPES, SAME_TERM_AS}


def line_between(details: dict[str, Any], kind: str, *ends: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The line of this type between two nodes: what the page tells of it, and how it is drawn."""
    ids = [node["id"] for node in details["nodes"]]
    (found,) = [
        (line, edge)
        for line, edge in zip(details["lines"], details["edges"], strict=True)
        if line["type"] == kind and {ids[edge["from"]], ids[edge["to"]]} == set(ends)
    ]
    return found


def details_of(graph: KnowledgeGraph, focus: str | None = None) -> dict[str, Any]:
    parsed = Parsed(render_view(graph, focus=focus).html)
    details: dict[str, Any] = parsed.block("kg-details")
    return details | {"edges": parsed.block("kg-edges")}


def test_a_line_tells_its_support_and_confidence(small: KnowledgeGraph) -> None:
    line, _ = line_between(details_of(small), "USED_FOR", "method:bert", "task:question-answering")
    assert (line["papers"], line["confidence"], line["total"]) == (2, 0.9375, 3)


def test_a_sentence_that_only_means_the_method_comes_with_the_one_that_names_it(small: KnowledgeGraph) -> None:
    details = details_of(small)
    line, _ = line_between(details, "USED_FOR", "method:transformer", "task:machine-translation")
    ((*_, sentence, marks, score, component, context, context_marks),) = line["statements"]
    told = [details["sentences"][which] for which in (sentence, context)]
    assert told[0].startswith("It reaches")
    assert (score, details["components"][component]) == (0.75, "kgraph_relations")
    marked = [[text[start:end] for start, end in of] for text, of in zip(told, (marks, context_marks), strict=True)]
    assert marked == [["machine translation"], ["Transformer"]]


def test_the_same_term_is_a_thin_dashed_line_without_statements(small: KnowledgeGraph) -> None:
    line, edge = line_between(details_of(small, "task:attention"), "SAME_TERM_AS", "method:attention", "task:attention")
    assert (line["papers"], line["confidence"], line["statements"]) == (0, 0, [])
    assert (edge["width"], edge["dashes"], "arrows" in edge) == (1, [2, 5], False)
    attention, task = (next(n for n in details_of(small)["nodes"] if n["id"] == "method:attention"), "task:attention")
    assert attention["hidden"] == 1
    assert task not in [node["id"] for node in details_of(small)["nodes"]]


def test_the_card_of_an_entity_has_its_address(small: KnowledgeGraph) -> None:
    urls = {node["id"]: node["url"] for node in details_of(small)["nodes"]}
    assert {key: url for key, url in urls.items() if url} == {"dataset:glue": "https://example.org/glue"}


def test_a_page_carries_so_many_statements_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = make_graph(("a", "BASED_ON", "b"), papers=30)
    monkeypatch.setattr(page, "MAX_STATEMENTS", 24)
    details = Parsed(render_view(graph).html).block("kg-details")
    shown = [len(line["statements"]) for line in details["lines"]] + [len(node["roles"]) for node in details["nodes"]]
    assert all(1 < number < 30 for number in shown)
    assert sum(shown) <= 24
    assert [line["total"] for line in details["lines"]] == [30]
    assert [node["total"] for node in details["nodes"]] == [30, 30]


def test_300_nodes_stay_small() -> None:
    facts = [(f"m{a}", "BASED_ON", f"m{b}") for a in range(300) for b in (a // 2, (a * 7) % 300) if a != b]
    view = render_view(make_graph(*facts, papers=20), limit=300)
    assert view.nodes == 300
    assert len(view.html.encode()) < 2_500_000
    assert MAX_STATEMENTS <= 6000


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"url": "https://example.org/a?b=c", "arxiv_id": "2001.00001"}, "https://example.org/a?b=c"),
        ({"url": "HTTP://example.org"}, "HTTP://example.org"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": "", "arxiv_id": "2001.00001", "doi": "10.1/x"}, "https://arxiv.org/abs/2001.00001"),
        ({"url": "", "arxiv_id": "cs/9901001"}, "https://arxiv.org/abs/cs/9901001"),
        ({"url": "ftp://example.org", "doi": '10.1/a"b c'}, "https://doi.org/10.1/a%22b%20c"),
        ({}, ""),
    ],
)
def test_paper_links(fields: dict[str, str], link: str) -> None:
    assert paper_link(fields) == link


def test_the_page_asks_for_nothing_from_outside(small: KnowledgeGraph) -> None:
    parsed = Parsed(render_view(small).html)
    asked = [value for _, attributes in parsed.tags for name, value in attributes.items() if name in ("src", "href")]
    assert asked == ["data:,"]
    assert parsed.policy.startswith("default-src 'none';")
    assert parsed.tags[3][1].get("http-equiv") == "Content-Security-Policy"  # after html, head and the charset
    own = [
        name
        for name in ("page.html", "page.css", "page.js")
        if re.search(r"url\(|@import|https?://(?!www\.w3\.org)", page._own(name))
    ]
    assert own == []


def test_the_policy_names_exactly_the_scripts(small: KnowledgeGraph) -> None:
    parsed = Parsed(render_view(small).html)
    run = [text for attributes, text in parsed.scripts if attributes.get("type") != "application/json"]
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run}
    assert len(run) == 2
    assert set(re.findall(r"'sha256-([^']+)'", parsed.policy)) == digests


def shape(parsed: Parsed) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attributes)) for tag, attributes in parsed.tags]


def without_vis(text: str) -> Parsed:
    """Parse a page without its largest script, which Python's parser is slow to read."""
    return Parsed(text.replace(page._scripts()[0], ""))


def test_hostile_text_stays_text(small: KnowledgeGraph) -> None:
    title = "</title><script>alert(1)</script>"
    parsed = Parsed(render_view(hostile_graph(), title=title).html)
    assert shape(parsed) == shape(Parsed(render_view(small).html))
    assert title in html.unescape(render_view(hostile_graph(), title=title).html)
    details = parsed.block("kg-details")
    assert {node["name"] for node in details["nodes"]} == set(HOSTILE)
    assert set(details["sentences"]) <= {*HOSTILE, *(f"{text} and {text}" for text in HOSTILE)}
    assert set(details["components"]) <= set(HOSTILE)
    assert {node["url"] for node in details["nodes"]} == {""}
    assert all(url == "" or url.startswith("https://doi.org/") for *_, url in details["papers"])


@settings(max_examples=40)
@given(linked_papers(), st.text(max_size=20))
def test_any_graph_gives_a_sound_page(drawn: Graph, title: str) -> None:
    graph = build_graph(*drawn)
    view = render_view(graph, title=title)
    parsed = without_vis(view.html)
    assert shape(parsed) == shape(without_vis(render_view(build_graph({}, [])).html))
    details = parsed.block("kg-details")
    assert len(details["nodes"]) == view.nodes
    assert all(node["name"] for node in details["nodes"])
    for block in re.findall(r'<script type="application/json"[^>]*>(.*)</script>', view.html):
        assert not re.search("[<>&\u2028\u2029]", block)


def test_a_paper_without_a_title_shows_the_beginning_of_its_abstract() -> None:
    for abstract, shown in (("An abstract.", "An abstract."), ("word " * 20, "word " * 12 + "…")):
        graph = build_graph({}, [make_linked_paper(Paper("p", "", abstract), [])])
        (node,) = Parsed(render_view(graph, focus="p").html).block("kg-details")["nodes"]
        assert node["name"] == shown


@pytest.mark.parametrize(
    ("name", "aliases", "short"),
    [
        ("Bidirectional Encoder Representations from Transformers", ("BERT", "BERTs"), "BERT"),
        ("large language models", ("LLM", "LLMs"), ""),
        ("reinforcement learning from human feedback", ("RLHF", "Reinforcement Learning from Human Feedback"), "RLHF"),
        ("parameter-efficient fine-tuning methods", ("the methods",), ""),
    ],
)
def test_a_long_name_is_written_short_where_it_has_an_abbreviation(
    name: str, aliases: tuple[str, ...], short: str
) -> None:
    graph = build_graph({}, [])
    graph.add_node("m", label=METHOD, name=name, aliases=(name, *aliases))
    (node,) = Parsed(render_view(graph, focus="m").html).block("kg-details")["nodes"]
    assert (node["name"], node["short"]) == (name, short)


def test_nodes_without_a_name_show_their_id() -> None:
    paper = Paper("p", "", "")
    graph = build_graph({"m": Entity("m", METHOD, " ", (" ",))}, [make_linked_paper(paper, [])])
    graph.add_node("m", label=METHOD, name=" ", aliases=(" ",))
    for focus in ("m", "p"):
        (node,) = Parsed(render_view(graph, focus=focus).html).block("kg-details")["nodes"]
        assert (node["name"], node["aliases"]) == (focus, [])


def test_notebooks_show_the_page_in_a_frame(small: KnowledgeGraph) -> None:
    view = render_view(small)
    ((tag, attributes),) = Parsed(view._repr_html_()).tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == view.html
    assert "allow-same-origin" not in str(attributes["sandbox"])


def test_write_view(small: KnowledgeGraph, tmp_path: Path) -> None:
    target = tmp_path / "graph.html"
    target.write_text("old")
    view = write_view(small, target, focus="method:bert", depth=2, limit=5, title="ü")
    assert target.read_bytes() == view.html.encode()
    assert view == render_view(small, focus="method:bert", depth=2, limit=5, title="ü")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.html"]


def test_write_view_where_it_cannot(small: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "graph.html").mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        write_view(small, tmp_path / "graph.html")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.html"]
