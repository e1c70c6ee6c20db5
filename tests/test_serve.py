"""The local server: what it answers, to whom, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kgraph.cli import main
from kgraph.errors import StoreError
from kgraph.graph import build_graph
from kgraph.schema import METHOD, PAPER, ROLE_TYPES, SAME_TERM_AS, Entity, LinkedPaper, Paper, Statement
from kgraph.serve import PAGE_OF_EVIDENCE, SharedStore, make_app, make_server
from kgraph.store import Step, Store, open_store, sync_store
from kgraph.support import relation_of
from kgraph.view import Ego, StoredGraph, View, render_view
from tests.strategies import Graph, linked_papers, make_linked_paper, small_graph

BERT = "method:bert"
LAST_LEAF = "method:leaf699"
ROLES = {type: role for role, type in ROLE_TYPES.items()}
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@contextmanager
def running(store: Store) -> Iterator[str]:
    """A real server on a free port of this machine: its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(store)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "small.kg"
    with open_store(folder) as store:
        sync_store(store, *small_graph())
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with open_store(folder, read_only=True) as store:
        yield client_of(store)


def client_of(store: Store) -> TestClient:
    return TestClient(make_app(store), base_url="http://127.0.0.1:8765", raise_server_exceptions=False)


def answer(client: TestClient, path: str, status: int = 200, **asked: object) -> Any:
    response = client.get(path, params={key: str(value) for key, value in asked.items()})
    assert response.status_code == status, response.text
    return response.json()


def star(leaves: int, papers: int = 1, named: int | None = None) -> Graph:
    """A method that so many others are based on: the first paper says so, all others name the first few again."""
    names = ["root", *(f"leaf{one}" for one in range(leaves))]
    entities = {f"method:{name}": Entity(f"method:{name}", METHOD, name, (name,)) for name in names}
    linked = []
    for number in range(papers):
        paper = Paper(f"paper,{number}", "A title", "An abstract.", "2020")
        root, *others = list(entities)[: None if number == 0 else named]
        stated = [("USES", paper.id, one) for one in (root, *others)]
        stated += [("BASED_ON", one, root) for one in others]
        found = [
            Statement(f"{number} {type} {source} {target}", type, source, target, paper.id, "An abstract.", 8, 20, 0.5,
                      paper.year, "test")
            for type, source, target in stated
        ]  # fmt: skip
        linked.append(make_linked_paper(paper, found))
    return entities, linked


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "kgraph"),
        (f"/?focus={BERT}", "BERT"),
        (f"/?focus={BERT}&depth=2", "BERT"),
        ("/?focus=p3", "BERT reads in both directions"),
        ("/?topic=task:question-answering", "question answering"),
        (f"/?lineage={BERT}", "BERT"),
        (f"/?compare={BERT}&with=method:gpt", "BERT and GPT"),
    ],
)
def test_a_page_is_what_render_view_makes(client: TestClient, address: str, title: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{title}</title>" in response.text
    assert "connect-src &#39;self&#39;" in response.text
    assert '"server":true' in response.text
    assert not any("said" in name or "papers" in name for name in blocks(response.text))


def test_a_page_of_trends(tmp_path: Path) -> None:
    with open_store(tmp_path / "rising.kg") as store:
        sync_store(store, *rising())
        client = client_of(store)
        for address, by in (
            ("/?view=trend", "year"),
            ("/?view=trend&by=year", "year"),
            ("/?view=trend&by=month", "month"),
        ):
            meta = json.loads(blocks(client.get(address).text)["kg-meta"])
            assert meta["trend"]["by"] == by
            assert {one["entity"] for one in meta["trend"]["series"]} == {"method:old", "method:new"}


def rising() -> Graph:
    """One method that all papers of March 2019 use, and another one that all of April 2020 use."""
    entities = {f"method:{name}": Entity(f"method:{name}", METHOD, name, (name,)) for name in ("new", "old")}
    linked = []
    for number in range(24):
        target, published = ("method:old", "2019-03-01") if number < 12 else ("method:new", "2020-04-01")
        paper = Paper(f"paper{number}", "A title", "An abstract.", published)
        key = f"{number} uses"
        stated = Statement(key, "USES", paper.id, target, paper.id, "An abstract.", 8, 20, 0.5, paper.year, "test")
        linked.append(make_linked_paper(paper, [stated]))
    return entities, linked


def test_a_page_of_one_entity_is_that_of_the_library(client: TestClient, folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        view = render_view(StoredGraph(store, on_demand=True), Ego(BERT), title="BERT")
    assert blocks(client.get(f"/?focus={BERT}").text)["kg-graph"] == blocks(view.html)["kg-graph"]


def blocks(page: str) -> dict[str, str]:
    return dict(re.findall(r'<script type="[^"]*" id="([^"]*)">(.*?)</script>', page, re.DOTALL))


def test_the_start_page_is_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def render(*args: object, **options: object) -> View:
        made.append(args)
        return View("<p>page</p>", 0, 0)

    monkeypatch.setattr("kgraph.serve.render_view", render)
    with open_store(folder, read_only=True) as store:
        client = client_of(store)
        with ThreadPoolExecutor(8) as threads:
            pages = list(threads.map(lambda _: client.get("/").text, range(8)))
        assert pages == ["<p>page</p>"] * 8
        assert len(made) == 1
        client.get(f"/?focus={BERT}")
        client.get(f"/?focus={BERT}")
        assert len(made) == 3


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/?focus=method:nix", 404, "no entity or paper has the id 'method:nix'"),
        ("/?topic=method:bert", 400, "a topic is a task"),
        (f"/?compare={BERT}&with={BERT}", 400, "two different"),
        (f"/?focus={BERT}&depth=3", 400, "pages are /, /?focus=ID"),
        (f"/?focus={BERT}&focus={BERT}", 400, "pages are"),
        ("/?view=trend", 400, "rises or fades"),
        ("/?view=all", 400, "pages are"),
        ("/?x=1", 400, "pages are"),
        ("/?focus=a%00b", 404, "no entity or paper"),
    ],
)
def test_a_page_that_there_is_not_is_one_line_of_text(client: TestClient, address: str, status: int, said: str) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/plain")
    assert said in response.text
    assert "\n" not in response.text


# ---------------------------------------------------------------- search


def ids(client: TestClient, text: str) -> list[str]:
    return [one["id"] for one in answer(client, "/api/search", q=text)["nodes"]]


def test_search_finds_whole_names_then_beginnings_then_parts(store: Store) -> None:
    sync_store(store, *small_graph())
    client = client_of(store)
    assert ids(client, "bert") == [BERT, "method:roberta"]
    assert ids(client, " BeRt ") == [BERT, "method:roberta"]
    assert ids(client, "transformer") == ["method:transformer", BERT]
    assert ids(client, "attention") == ["method:attention", "task:attention"]
    assert ids(client, "") == ids(client, "no such thing") == []
    found = answer(client, "/api/search", q="QA")["nodes"]
    assert found == [
        {"id": "task:question-answering", "label": "Task", "name": "question answering", "papers": 2, "alias": "QA"}
    ]


@given(graph=linked_papers(), data=st.data())
@settings(max_examples=25)
def test_search_finds_what_the_names_hold(graph: Graph, data: st.DataObject) -> None:
    names = {one.id: [name.lower() for name in (one.name, *one.aliases)] for one in graph[0].values()}
    plain = sorted({name for found in names.values() for name in found if name.isascii() and name.strip()})
    if not plain:
        return
    name = data.draw(st.sampled_from(plain)).strip()
    start = data.draw(st.integers(0, max(0, len(name) - 3)))
    text = name[start : start + data.draw(st.integers(3, 12))].strip()
    if len(text) < 3:
        return
    with TemporaryDirectory() as folder, open_store(Path(folder) / "awkward.kg") as store:
        sync_store(store, *graph)
        found = ids(client_of(store), text)
    assert set(found) == {one for one, own in names.items() if any(text in name for name in own)}

    def distance(one: str) -> int:
        return min((name != text) + (not name.startswith(text)) for name in names[one] if text in name)

    assert [distance(one) for one in found] == sorted(distance(one) for one in found)


def test_search_for_a_letter_or_two_finds_beginnings(client: TestClient) -> None:
    assert ids(client, "m") == ["task:machine-translation"]
    assert ids(client, "er") == []
    assert BERT in ids(client, "ert")


def test_search_gives_ten_at_most(tmp_path: Path) -> None:
    with open_store(tmp_path / "star.kg") as store:
        sync_store(store, *star(30))
        assert ids(client_of(store), "leaf") == [f"method:leaf{one}" for one in range(10)]


@pytest.mark.parametrize("text", ["'", "\\", "%", '") DETACH DELETE e //', "é🧪", "a\0b", "x" * 5_000])
def test_search_takes_any_text(client: TestClient, text: str) -> None:
    assert ids(client, text) == []


@pytest.mark.parametrize("address", ["/api/search", "/api/search?q=a&q=b", "/api/search?q=a&limit=100"])
def test_search_is_for_one_text(client: TestClient, address: str) -> None:
    assert "search for one text" in answer(client, address, 400)["error"]


# ---------------------------------------------------------------- evidence


def all_evidence(client: TestClient, **asked: str) -> list[dict[str, Any]]:
    """Read all pages of evidence."""
    said: list[dict[str, Any]] = []
    while True:
        page = answer(client, "/api/evidence", **asked, offset=len(said))
        said += page["statements"]
        assert len(page["statements"]) <= PAGE_OF_EVIDENCE
        if not page["statements"] or len(said) >= page["total"]:
            assert len(said) == page["total"]
            return said


def told(linked: LinkedPaper, statement: Statement) -> dict[str, Any]:
    return {
        "role": ROLES.get(statement.type),
        "year": linked.paper.year,
        "sentence": statement.sentence,
        "score": statement.score,
        "component": statement.component,
        "context": statement.context or None,
    }


def in_order(said: Sequence[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in said)


def without_title(said: dict[str, Any]) -> dict[str, Any]:
    paper = said.pop("paper")
    assert isinstance(paper["title"], str)
    assert isinstance(paper["url"], str)
    return {"year": paper["year"], **said}


def check_evidence(store: Store, graph: Graph) -> None:
    client = client_of(store)
    stated = [(one, statement) for one in graph[1] for statement in one.statements]
    for entity_id in graph[0]:
        ours = [told(*one) for one in stated if one[1].target == entity_id and one[1].type in ROLES]
        assert in_order([without_title(one) for one in all_evidence(client, node=entity_id)]) == in_order(ours)
    for key in {relation_of(one.type, one.source, one.target) for _, one in stated}:
        ours = [told(*one) for one in stated if relation_of(one[1].type, one[1].source, one[1].target) == key]
        said = all_evidence(client, **dict(zip(("type", "source", "target"), key, strict=True)))
        assert in_order([without_title(one) for one in said]) == in_order(ours)


def test_the_evidence_of_every_node_and_line_is_that_of_the_graph(store: Store) -> None:
    graph = small_graph()
    sync_store(store, *graph)
    check_evidence(store, graph)


@given(graph=linked_papers())
@settings(max_examples=15)
def test_the_evidence_of_awkward_graphs(graph: Graph) -> None:
    with TemporaryDirectory() as folder, open_store(Path(folder) / "awkward.kg") as store:
        sync_store(store, *graph)
        check_evidence(store, graph)


def test_evidence_comes_forty_at_a_time(tmp_path: Path) -> None:
    with open_store(tmp_path / "star.kg") as store:
        graph = star(2, papers=95)
        sync_store(store, *graph)
        check_evidence(store, graph)
        client = client_of(store)
        for asked in ({"node": "method:root"}, LINE | {"source": "method:leaf0", "target": "method:root"}):
            sizes = [len(answer(client, "/api/evidence", **asked, offset=at)["statements"]) for at in (0, 40, 80, 95)]
            assert sizes == [40, 40, 15, 0]


LINE = {"type": "BASED_ON", "source": BERT, "target": "method:transformer"}


def test_evidence_tells_what_the_card_shows(client: TestClient) -> None:
    assert answer(client, "/api/evidence", node=BERT)["statements"][0] == {
        "role": "proposed",
        "paper": {"title": "BERT reads in both directions", "year": 2018, "url": "https://example.org/p3"},
        "sentence": "We introduce BERT, which stacks Transformers and beats GPT on GLUE.",
        "score": 0.9,
        "component": "kgraph_roles",
        "context": None,
    }
    meant = {"type": "USED_FOR", "source": "method:transformer", "target": "task:machine-translation"}
    (said,) = answer(client, "/api/evidence", **meant)["statements"]
    assert said["context"] == "We propose the Transformer, a network built on attention alone."
    assert said["role"] is None


def test_a_comparison_is_one_line_in_both_directions(client: TestClient) -> None:
    ends = {"source": BERT, "target": "method:gpt"}
    there = answer(client, "/api/evidence", type="COMPARED_WITH", **ends)
    back = answer(client, "/api/evidence", type="COMPARED_WITH", source=ends["target"], target=ends["source"])
    assert there == back
    assert there["total"] == 1


def test_a_paper_has_no_evidence_but_that_of_its_lines(client: TestClient) -> None:
    assert answer(client, "/api/evidence", node="p3") == {"total": 0, "statements": []}
    assert answer(client, "/api/evidence", type="PROPOSES", source="p3", target=BERT)["total"] == 1


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"node": "method:nix"}, 404, "no entity or paper has the id 'method:nix'"),
        (LINE | {"source": "method:nix"}, 404, "no paper states that method:nix BASED_ON"),
        (LINE | {"target": "method:roberta"}, 404, "no paper states"),
        (LINE | {"type": "LIKES"}, 400, "evidence is that of one node"),
        (LINE | {"type": SAME_TERM_AS}, 400, "evidence is that of one node"),
        (LINE | {"node": BERT}, 400, "evidence is that of one node"),
        ({}, 400, "evidence is that of one node"),
        ({"node": BERT, "offset": "-1"}, 400, "'-1' is no number"),
        ({"node": BERT, "offset": "²"}, 400, "is no number"),
        ({"node": BERT, "offset": "1" * 5_000}, 400, "is no number"),
    ],
)
def test_evidence_that_there_is_not(client: TestClient, asked: dict[str, str], status: int, said: str) -> None:
    assert said in answer(client, "/api/evidence", status, **asked)["error"]


# ---------------------------------------------------------------- expand


def check_expansion(found: dict[str, Any], shown: Sequence[str]) -> None:
    new, lines, items = found["nodes"]["id"], found["lines"], found["items"]
    whole = [*shown, *new]
    assert len(set(whole)) == len(whole)
    assert {len(column) for name, column in found["nodes"].items() if name != "authors"} == {len(new)}
    assert {len(column) for name, column in lines.items() if name != "notes"} == {len(lines["type"])}
    ends = list(zip(lines["source"], lines["target"], strict=True))
    assert all(0 <= end < len(whole) for pair in ends for end in pair)
    assert all(max(pair) >= len(shown) for pair in ends)
    assert [item["id"] for item in items["nodes"]] == list(range(len(shown), len(whole)))
    assert [(item["from"], item["to"]) for item in items["edges"]] == ends
    assert found["nodes"]["x"] == found["nodes"]["y"] == [None] * len(new)


def expanded(client: TestClient, node: str, shown: Sequence[str], **asked: object) -> dict[str, Any]:
    listed = ",".join(quote(one, safe="") for one in shown)
    found: dict[str, Any] = answer(client, "/api/expand", node=node, shown=listed, **asked)
    check_expansion(found, shown)
    return found


def test_expand_brings_the_neighbours_that_are_not_shown(store: Store) -> None:
    sync_store(store, *small_graph())
    client = client_of(store)
    shown = [BERT, "method:gpt", "dataset:squad"]
    found = expanded(client, BERT, shown, most=3)
    near = {"task:question-answering", "method:roberta", "dataset:glue", "method:transformer"}
    assert set(found["nodes"]["id"]) == near
    assert found["more"] == 0
    assert found["nodes"]["id"][0] == "task:question-answering"
    assert found["nodes"]["papers"][0] == 2
    assert found["nodes"]["aliases"][0] == ["QA"]
    whole = [*shown, *found["nodes"]["id"]]
    lines = found["lines"]
    ends = {(whole[source], whole[target]) for source, target in zip(lines["source"], lines["target"], strict=True)}
    assert ("dataset:squad", "task:question-answering") in ends
    assert ("method:gpt", "method:transformer") in ends
    assert (BERT, "method:gpt") not in ends
    best = ends_of(lines).index((0, whole.index("task:question-answering")))
    assert (lines["papers"][best], lines["total"][best], lines["first"][best]) == (2, 3, 2018)
    assert expanded(client, BERT, whole)["nodes"]["id"] == []


def ends_of(lines: dict[str, Any]) -> list[tuple[int, int]]:
    return list(zip(lines["source"], lines["target"], strict=True))


def test_expand_measures_new_nodes_against_the_page(client: TestClient) -> None:
    small, large = (expanded(client, BERT, [BERT], most=most)["nodes"]["size"] for most in (100, 3))
    assert all(one < other for one, other in zip(small, large, strict=True))


def test_expand_of_a_paper_brings_what_it_names(client: TestClient) -> None:
    found = expanded(client, "p3", ["p3", BERT])
    assert len(found["nodes"]["id"]) == 5
    assert sum(0 in pair for pair in ends_of(found["lines"])) == 5
    assert expanded(client, "p6", ["p6"])["nodes"]["id"] == []


def test_a_page_of_a_paper_gets_its_lines_to_what_comes_in(client: TestClient) -> None:
    found = expanded(client, BERT, ["p3", BERT])
    assert any(0 in pair for pair in ends_of(found["lines"]))


def test_expand_brings_a_hub_in_parts(tmp_path: Path) -> None:
    with open_store(tmp_path / "star.kg") as store:
        sync_store(store, *star(70))
        client, shown, left = client_of(store), ["paper,0", "method:root"], []
        while True:
            found = expanded(client, "method:root", shown)
            shown += found["nodes"]["id"]
            left.append(found["more"])
            if not found["more"]:
                break
        assert left == [40, 10, 0]
        assert len(shown) == 72
        assert answer(client, "/api/expand", node="method:leaf0", shown="method:leaf0")["nodes"]["more"] == [69]


@given(graph=linked_papers(), data=st.data())
@settings(max_examples=15)
def test_expand_until_all_is_shown(graph: Graph, data: st.DataObject) -> None:
    known = build_graph(*graph)
    if not graph[0]:
        return
    start = data.draw(st.sampled_from(sorted(known)))
    with TemporaryDirectory() as folder, open_store(Path(folder) / "awkward.kg") as store:
        sync_store(store, *graph)
        client, shown = client_of(store), [start]
        for node in shown:
            shown += expanded(client, node, shown)["nodes"]["id"]
    entities = [one for one, label in known.nodes(data="label") if label != PAPER]
    reached, open_ = {start}, [start]
    while open_:
        here = open_.pop()
        near = [end for edge in known.edges(here) for end in edge] if here not in entities else [
            end for edge in (*known.in_edges(here), *known.out_edges(here)) for end in edge if end in entities
        ]  # fmt: skip
        fresh = set(near) - reached
        reached |= fresh
        open_ += fresh
    assert set(shown) == reached


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"node": "method:nix", "shown": BERT}, 404, "no entity or paper has the id"),
        ({"node": BERT}, 400, "expand one node"),
        ({"shown": BERT}, 400, "expand one node"),
        ({"node": BERT, "shown": BERT, "most": "many"}, 400, "is no number"),
    ],
)
def test_expand_what_there_is_not(client: TestClient, asked: dict[str, str], status: int, said: str) -> None:
    assert said in answer(client, "/api/expand", status, **asked)["error"]


# ---------------------------------------------------------------- who is answered


@pytest.mark.parametrize("path", ["/", "/api/search?q=bert", f"/api/evidence?node={BERT}"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MERGE"])
def test_nothing_but_get_and_head(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert sorted(response.headers["allow"].split(", ")) == ["GET", "HEAD"]
    check_headers(response.headers)


def check_headers(headers: Any) -> None:
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert not any(name.lower().startswith("access-control") for name in headers)
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    ["/", "/?focus=method:nix", "/?x=1", "/api/search?q=bert", "/api/search", f"/api/evidence?node={BERT}", "/docs",
     "/openapi.json", "/api", "/api/search/", "/favicon.ico", "/../kgraph/serve.py", "//example.org/"],
)  # fmt: skip
def test_every_answer_bears_the_headers(client: TestClient, path: str) -> None:
    response = client.get(path)
    check_headers(response.headers)
    assert response.status_code in (200, 400, 404)
    is_page = response.headers["content-type"] == "text/html; charset=utf-8"
    assert is_page == ("default-src 'none'" not in response.headers["content-security-policy"])


def test_head_answers_without_a_body(client: TestClient) -> None:
    response = client.head("/api/search?q=bert")
    assert response.status_code == 200
    check_headers(response.headers)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765", "[::1]"])
def test_this_machine_by_any_of_its_names(client: TestClient, host: str) -> None:
    assert client.get("/api/search?q=bert", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["example.org", "example.org:8765", "127.0.0.1.example.org", "localhost.example.org", "evil@127.0.0.1", "10.0.0.1",
     "0.0.0.0", "[::2]", "[::1", "127.0.0.1:80:80", "", "localhost, example.org"],
)  # fmt: skip
def test_no_other_name_is_answered(client: TestClient, host: str) -> None:
    response = client.get("/api/search?q=bert", headers={"Host": host})
    assert response.status_code == 400
    assert "BERT" not in response.text
    check_headers(response.headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Sec-Fetch-Site": "cross-site", **LINK}, 200),
        ({"Sec-Fetch-Site": "same-site", **LINK}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
    ],
)
def test_no_page_of_another_site_is_answered(client: TestClient, headers: dict[str, str], status: int) -> None:
    response = client.get("/api/search?q=bert", headers=headers)
    assert response.status_code == status
    check_headers(response.headers)
    assert ("BERT" in response.text) == (status == 200)


# ---------------------------------------------------------------- a store that fails


class Failing(Store):
    """A store that fails as often as it is told to."""

    engine = "ladybug"

    def __init__(self, store: Store, failures: int) -> None:
        self.store, self.failures, self.closed = store, failures, False

    def run(self, *args: Any, **options: Any) -> list[dict[str, Any]]:
        if self.failures:
            self.failures -= 1
            raise StoreError("the engine\n  is gone")
        return self.store.run(*args, **options)

    def write(self, steps: Sequence[Step]) -> None:
        self.store.write(steps)

    def close(self) -> None:
        self.closed = True


def test_a_store_that_fails_is_one_line_and_then_asked_again(folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        client = client_of(Failing(store, 2))
        page = client.get("/")
        assert (page.status_code, page.text) == (503, "the engine is gone")
        check_headers(page.headers)
        assert answer(client, "/api/search", 503, q="bert") == {"error": "the engine is gone"}
        assert ids(client, "bert") == [BERT, "method:roberta"]
        assert client.get("/").status_code == 200


def test_what_is_shared_is_the_store(folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        given = Failing(store, 0)
        shared = SharedStore(given)
        assert shared.engine == "ladybug"
        with pytest.raises(StoreError):
            shared.write([Step("MATCH (p:Paper) DETACH DELETE p", {})])
        with pytest.raises(StoreError):
            shared.run("MATCH (p:Paper) DETACH DELETE p", write=True)
        shared.stop()
        with pytest.raises(StoreError, match="stopping"):
            shared.run("RETURN 1 AS one")
        shared.close()
        assert given.closed


# ---------------------------------------------------------------- over a socket


def ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, Any, str]:
    """Ask a server as a program does that sends what it likes."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers, text


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with open_store(folder, read_only=True) as store, running(store) as address:
        yield address


def test_a_real_server_answers(address: str) -> None:
    status, headers, text = ask(address, "/")
    assert (status, text[:15]) == (200, "<!doctype html>")
    check_headers({name.lower(): value for name, value in headers.items()})
    assert ask(address, "/api/search?q=bert")[0] == 200
    status, _, text = ask(address, "/", "HEAD")
    assert (status, text) == (200, "")
    assert ask(address, "/", "POST")[0] == 405
    assert ask(address, "/api/search?q=bert", Host="example.org")[0] == 400
    assert ask(address, "/api/search?q=bert", Sec_Fetch_Site="cross-site")[0] == 403
    assert ask(address, "/api/search?q=bert", Upgrade="websocket", Connection="Upgrade")[0] == 200


def test_many_ask_at_once(address: str) -> None:
    paths = [f"/api/evidence?node={BERT}", "/api/search?q=a", f"/?focus={BERT}", "/"]
    alone = {path: ask(address, path)[::2] for path in paths}
    with ThreadPoolExecutor(12) as threads:
        together = list(threads.map(lambda path: (path, ask(address, path)[::2]), paths * 10))
    assert all(answered == alone[path] for path, answered in together)


def test_a_page_that_shows_thousands_can_expand(address: str) -> None:
    shown = ",".join([BERT, *(f"method:a-name-of-usual-length-{one}" for one in range(8_000))])
    status, _, text = ask(address, "/api/expand?" + urlencode({"node": BERT, "shown": shown}))
    assert status == 200
    assert len(json.loads(text)["nodes"]["id"]) == 6


def test_it_listens_on_this_machine_only(address: str) -> None:
    port = urlsplit(address).port
    with socket.socket(socket.AF_INET6) as other, pytest.raises(OSError):
        other.connect(("::1", port))
    with socket.socket() as other, pytest.raises(OSError):
        other.connect((outer_address(), port))


def outer_address() -> str:
    """An address of this machine that others could reach, or one that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        try:
            there.connect(("192.0.2.1", 9))
            return str(there.getsockname()[0])
        except OSError:
            return "127.0.0.2"


# ---------------------------------------------------------------- the command


def test_the_command_says_its_address_and_ends_with_ctrl_c(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[int] = []
    threads: list[Thread] = []

    def visit(address: str) -> None:
        answered.append(ask(address, "/api/search?q=bert")[0])
        os.kill(os.getpid(), signal.SIGINT)

    def launch(address: str) -> None:
        threads.append(Thread(target=visit, args=(address,)))
        threads[0].start()

    monkeypatch.setattr("click.launch", launch)
    result = CliRunner().invoke(main, ["serve", "--db", str(folder), "--port", "0", "--open"])
    threads[0].join()
    assert answered == [200]
    assert result.exit_code == 0
    assert result.stdout == ""
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", result.stderr)


def test_ctrl_c_is_quiet_while_a_page_is_made(folder: Path) -> None:
    command = [sys.executable, "-m", "kgraph", "serve", "--db", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        address = running.stderr.readline().strip()
        with ThreadPoolExecutor(2) as threads:
            page = threads.submit(ask, address, "/")
            while ask(address, "/api/search?q=bert")[0] != 200:
                pass
            running.send_signal(signal.SIGINT)
            assert page.result()[0] in (200, 503)
        assert running.wait(30) == 0
        assert running.stderr.read() == ""


def test_a_port_in_use_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--db", str(folder), "--port", port])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: port {port}: Address already in use; ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--db", "nowhere.kg"], 1, "there is no graph here"),
        (["--db", "http://localhost"], 2, "is not a graph database"),
        (["--port", "70000"], 2, "--port"),
    ],
)
def test_what_cannot_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["serve", "--port", "0", *arguments])
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
