"""The page: what is in the file, and that no text of a paper can become part of its code."""

from __future__ import annotations

import base64
import hashlib
import html
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.errors import NotFoundError, UsageError
from kgraph.graph import KnowledgeGraph, build_graph
from kgraph.store import Store, open_store, sync_store
from kgraph.view import (
    Comparison,
    Core,
    Ego,
    Kind,
    Lineage,
    Overview,
    StoredGraph,
    Topic,
    Trend,
    page,
    render_view,
    write_view,
)
from kgraph.view.kinds import MAX_NODES
from kgraph.view.pack import pack
from kgraph.view.picture import make_picture
from kgraph.view.subject.in_memory import GraphInMemory
from tests.strategies import Graph, linked_papers, make_linked_paper, small_graph
from tests.test_view_pack import Blocks
from tests.test_view_select import BERT, make_graph, make_records

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

    @property
    def blocks(self) -> dict[str, str]:
        return {str(attributes["id"]): text for attributes, text in self.scripts if "id" in attributes}

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


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("page") / "small.kg") as store:
        sync_store(store, *small_graph())
        yield store


KINDS = (
    Core(),
    Ego(BERT, 2),
    Ego("p3"),
    Topic("task:question-answering"),
    Lineage(),
    Lineage(BERT),
    Comparison(BERT, "method:gpt"),
    Overview(),
)


def blocks_of(text: str) -> Blocks:
    return Blocks(without_vis(text).blocks)


def without_vis(text: str) -> Parsed:
    """Parse a page without its largest script, which Python's parser is slow to read."""
    return Parsed(text.replace(page._scripts("network")[0], ""))


def shape(parsed: Parsed) -> list[tuple[str, tuple[str, ...]]]:
    """The tags of a page with their attributes, but for those of its blocks."""
    return [
        (tag, tuple(attributes)) for tag, attributes in parsed.tags if not str(attributes.get("id")).startswith("kg-")
    ]


# ---------------------------------------------------------------- what is told


def test_counts(small: KnowledgeGraph) -> None:
    view = render_view(small, Ego(BERT))
    assert (view.nodes, view.edges) == (7, 11)
    assert "7 of 11 entities · 11 relations · 6 papers" in view.html
    assert "2 of 11 entities · 0 relations · 6 papers" in render_view(small, Ego("task:attention")).html
    assert "10 of 11 entities · 15 relations · 6 papers" in render_view(small).html
    view = render_view(small, Ego("p6"))
    assert (view.nodes, view.edges) == (1, 0)
    assert "0 of 11 entities · 0 relations · 6 papers" in view.html


def test_lines_that_are_left_out_are_counted() -> None:
    names = [f"m{number:02}" for number in range(20)]
    view = render_view(make_graph(*((a, "BASED_ON", b) for a in names for b in names if a < b)))
    assert (view.nodes, view.edges) == (20, 60)
    assert "20 entities · 60 of 190 relations · 1 paper" in view.html


def test_an_empty_graph_has_an_empty_page() -> None:
    for kind in (Core(), Overview()):
        view = render_view(build_graph({}, []), kind)
        assert (view.nodes, view.edges) == (0, 0)
        assert "0 entities · 0 relations · 0 papers" in view.html


def test_what_makes_no_picture_is_said(small: KnowledgeGraph) -> None:
    with pytest.raises(NotFoundError, match="'nothing'"):
        render_view(small, Ego("nothing"))
    with pytest.raises(UsageError, match="two different"):
        render_view(small, Comparison(BERT, BERT))
    for limit in (0, MAX_NODES + 1):
        with pytest.raises(UsageError, match="^a picture needs a limit of 1 to 200,000 nodes$"):
            render_view(small, limit=limit)


def test_the_steps_are_told_in_their_order(small: KnowledgeGraph, tmp_path: Path) -> None:
    steps: list[str] = []
    view = render_view(small, on_step=steps.append)
    assert steps == [
        "choosing what to show",
        "finding communities",
        "placing nodes",
        "reading the evidence",
        "writing the page",
    ]
    assert write_view(small, tmp_path / "graph.html", on_step=steps.append) == view
    assert steps[5:] == steps[:5]


# ---------------------------------------------------------------- the same bytes


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_store_and_its_graph_give_the_same_bytes_twice(small: KnowledgeGraph, small_store: Store, kind: Kind) -> None:
    view = render_view(small, kind, title="a")
    assert render_view(small, kind, title="a") == view
    assert render_view(small_store, kind, title="a") == view
    assert render_view(StoredGraph(small_store), kind, title="a") == view
    assert render_view(build_graph(small_graph()[0], reversed(small_graph()[1])), kind, title="a") == view


@settings(max_examples=25)
@given(linked_papers(max_papers=6), st.randoms(use_true_random=False), st.integers(2, 9))
def test_the_order_of_papers_does_not_matter(graph: Graph, shuffle: random.Random, limit: int) -> None:
    entities, papers = graph
    mixed = papers.copy()
    shuffle.shuffle(mixed)
    backwards = dict(reversed(entities.items()))
    assert render_view(build_graph(entities, papers), limit=limit) == render_view(
        build_graph(backwards, mixed), limit=limit
    )


def test_a_trend_of_a_store_is_that_of_its_graph(tmp_path: Path) -> None:
    entities, linked = make_records(("method:a", "USED_FOR", "task:b"), papers=20)
    papers = []
    for number, one in enumerate(linked):
        published = f"{2019 + number // 10}-0{1 + number % 3}"
        stated = [replace(each, year=2019 + number // 10) for each in one.statements]
        kept = stated if number >= 10 else [each for each in stated if each.target == "task:b" and each.type == "USES"]
        papers.append(make_linked_paper(replace(one.paper, published=published), kept))
    with open_store(tmp_path / "graph.kg") as store:
        sync_store(store, entities, papers)
        for kind in (Trend(), Trend("month")):
            view = render_view(store, kind)
            assert view == render_view(build_graph(entities, papers), kind)
            trend = blocks_of(view.html).meta["trend"]
            assert [(one["entity"], one["direction"]) for one in trend["series"]] == [("method:a", "rising")]


# ---------------------------------------------------------------- what a browser may do


def subject_of(graph: KnowledgeGraph, *, on_demand: bool) -> GraphInMemory:
    subject = GraphInMemory(graph)
    subject.on_demand = on_demand
    return subject


@pytest.mark.parametrize("server", [False, True])
def test_the_page_asks_for_nothing_from_outside(small: KnowledgeGraph, server: bool) -> None:
    view = render_view(subject_of(small, on_demand=server))
    assert view.html.startswith("<!doctype html>\n")
    parsed = Parsed(view.html)
    asked = [value for _, attributes in parsed.tags for name, value in attributes.items() if name in ("src", "href")]
    assert asked == ["data:,"]
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"img", "iframe", "object", "embed", "base", "form"})
    assert parsed.policy.startswith("default-src 'none';")
    assert ("connect-src 'self'" in parsed.policy) == ("connect-src" in parsed.policy) == server
    assert parsed.tags[3][1].get("http-equiv") == "Content-Security-Policy"  # after html, head and the charset


def test_our_own_files_name_no_address() -> None:
    web = files("kgraph.view") / "web"
    found = {
        one.name: re.search(r"url\(|@import|https?://(?!www\.w3\.org)", one.read_text("utf-8")) for one in web.iterdir()
    }
    assert {name for name, address in found.items() if address} == set()
    assert {name.removesuffix(".js") for name in found if name.endswith(".js")} == set(page.SCRIPTS)


def run_by(parsed: Parsed) -> list[str]:
    return [text for attributes, text in parsed.scripts if "type" not in attributes]


def test_the_policy_names_exactly_the_scripts(small: KnowledgeGraph) -> None:
    parsed = Parsed(render_view(small).html)
    run = run_by(parsed)
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run}
    assert len(run) == 2
    assert set(re.findall(r"'sha256-([^']+)'", parsed.policy)) == digests
    assert "unsafe-eval" not in parsed.policy
    assert re.findall(r"script-src ([^;]*);", parsed.policy)[0].count("'") == 4


def test_a_map_runs_one_script(small: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgraph.view.picture.MAX_NETWORK", 3)
    parsed = Parsed(render_view(small).html)
    (script,) = run_by(parsed)
    assert page._scripts("network")[1:] == (script,)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in parsed.policy


def test_a_page_for_a_server_holds_no_evidence_and_no_reserve(small_store: Store) -> None:
    found = Parsed(render_view(StoredGraph(small_store, on_demand=True), Core(), limit=2).html).blocks
    assert found.keys() == {"kg-meta", "kg-graph", "kg-nodes", "kg-edges", "kg-options"}
    assert '"server":true' in found["kg-meta"]
    assert Blocks(found).nodes["id"] == [BERT, "method:transformer"]
    assert Blocks(found).nodes["more"] == [5, 3]


@pytest.mark.parametrize("title", ["</title><script>alert(1)</script>", "{{ 7 * 7 }}", "a & b", "\"'", "<!--"])
def test_a_title_is_text(small: KnowledgeGraph, title: str) -> None:
    text = render_view(small, title=title).html
    assert shape(without_vis(text)) == shape(without_vis(render_view(small).html))
    assert [html.unescape(found) for found in re.findall(r"<(?:title|h1[^>]*)>(.*?)</", text)] == [title, title]
    assert blocks_of(text).meta["title"] == title


def test_hostile_text_stays_text(small: KnowledgeGraph) -> None:
    parsed = Parsed(render_view(hostile_graph()).html)
    assert shape(parsed) == shape(Parsed(render_view(small).html))
    blocks = Blocks(parsed.blocks)
    shown = blocks.graph["shown"]
    assert set(blocks.nodes["name"][:shown]) == set(HOSTILE)
    assert set(blocks.meta["components"]) <= set(HOSTILE)
    assert set(blocks.nodes["url"]) == {""}
    said = [row for number in range(len(blocks.lines["type"])) for row in blocks.said_of_line(number)]
    said += [row[1:] for number in range(shown) for row in blocks.said_of_node(number)]
    for title, _, url, sentence, _, component, *context in said:
        assert {title, sentence, component} <= set(HOSTILE)
        assert url.startswith("https://doi.org/")
        assert context == [f"{sentence} and {sentence}"]


@settings(max_examples=40)
@given(linked_papers(), st.text(max_size=20), st.sampled_from([Core(), Overview()]))
def test_any_graph_gives_a_sound_page(graph: Graph, title: str, kind: Kind) -> None:
    view = render_view(build_graph(*graph), kind, title=title)
    parsed = without_vis(view.html)
    assert shape(parsed) == shape(without_vis(render_view(build_graph({}, [])).html))
    blocks = Blocks(parsed.blocks)
    assert blocks.graph["shown"] == view.nodes
    assert all(blocks.nodes["name"])
    assert blocks.blocks.keys() >= {"kg-meta", "kg-graph", "kg-nodes", "kg-edges", "kg-options"}


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_the_blocks_of_a_page_are_those_of_its_picture(small: KnowledgeGraph, kind: Kind) -> None:
    parsed = without_vis(render_view(small, kind, title="a < b").html)
    counts = html.unescape(re.findall(r'<p id="counts">(.*?)</p>', render_view(small, kind).html)[0])
    meta = {"title": "a < b", "colour": kind.colour, "server": False, "counts": counts}
    assert parsed.blocks == pack(make_picture(GraphInMemory(small), kind), meta)
    types = {str(attributes["type"]) for attributes, _ in parsed.scripts if "id" in attributes}
    assert types == {"application/json", "text/plain"}


def test_300_nodes_stay_small() -> None:
    facts = [(f"m{a}", "BASED_ON", f"m{b}") for a in range(300) for b in (a // 2, (a * 7) % 300) if a != b]
    view = render_view(make_graph(*facts, papers=20), limit=300)
    assert view.nodes == 300
    assert len(view.html.encode()) < 1_000_000


# ---------------------------------------------------------------- where it goes


def test_notebooks_show_the_page_in_a_frame(small: KnowledgeGraph) -> None:
    view = render_view(small)
    ((tag, attributes),) = Parsed(view._repr_html_()).tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == view.html
    allowed = str(attributes["sandbox"]).split()
    assert "allow-scripts" in allowed
    assert {"allow-same-origin", "allow-top-navigation", "allow-forms"}.isdisjoint(allowed)
    assert repr(view) == "View(nodes=10, edges=15)"


def test_a_frame_keeps_hostile_text_in_its_page() -> None:
    view = render_view(hostile_graph(), title="\"'><script>alert(1)</script>&quot;")
    ((_, attributes),) = Parsed(view._repr_html_()).tags
    assert attributes["srcdoc"] == view.html


def test_write_view(small: KnowledgeGraph, tmp_path: Path) -> None:
    target = tmp_path / "graph.html"
    target.write_text("old")
    view = write_view(small, target, Ego(BERT, 2), limit=5, title="ü")
    assert target.read_bytes() == view.html.encode()
    assert view == render_view(small, Ego(BERT, 2), limit=5, title="ü")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.html"]


def test_a_view_that_cannot_be_made_or_written_leaves_what_was_there(small: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "graph.html").mkdir()
    with pytest.raises(UsageError, match="Is a directory"):
        write_view(small, tmp_path / "graph.html")
    (tmp_path / "old.html").write_text("old")
    with pytest.raises(NotFoundError):
        write_view(small, tmp_path / "old.html", Ego("nothing"))
    assert (tmp_path / "old.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.html", "old.html"]
