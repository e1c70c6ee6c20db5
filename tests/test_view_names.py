"""How nodes and papers are called in a picture, and where they can be read."""

from __future__ import annotations

import pytest

from kgraph.graph import build_graph
from kgraph.schema import METHOD, Entity, Paper, Statement
from kgraph.view.subject.in_memory import GraphInMemory
from kgraph.view.subject.names import cited, paper_link, short_name, web_address
from tests.strategies import make_linked_paper


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"url": "https://example.org/a?b=c", "arxiv_id": "2001.00001"}, "https://example.org/a?b=c"),
        ({"url": "HTTP://example.org"}, "HTTP://example.org"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": " https://example.org"}, ""),
        ({"url": "", "arxiv_id": "2001.00001", "doi": "10.1/x"}, "https://arxiv.org/abs/2001.00001"),
        ({"url": "", "arxiv_id": "cs/9901001"}, "https://arxiv.org/abs/cs/9901001"),
        ({"url": "ftp://example.org", "doi": '10.1/a"b c'}, "https://doi.org/10.1/a%22b%20c"),
        ({}, ""),
    ],
)
def test_where_a_paper_can_be_read(fields: dict[str, str], link: str) -> None:
    assert paper_link(fields) == link


@pytest.mark.parametrize(
    ("url", "address"),
    [("https://example.org", "https://example.org"), ("data:text/html,x", ""), ("//example.org", ""), (None, "")],
)
def test_only_an_address_of_the_web_is_one(url: str | None, address: str) -> None:
    assert web_address({"url": url}) == address


@pytest.mark.parametrize(
    ("name", "aliases", "short"),
    [
        ("Bidirectional Encoder Representations from Transformers", ("BERT", "BERTs"), "BERT"),
        ("large language models", ("LLM", "LLMs"), ""),
        ("reinforcement learning from human feedback", ("RLHF", "Reinforcement Learning from Human Feedback"), "RLHF"),
        ("parameter-efficient fine-tuning methods", ("the methods",), ""),
        ("a name that is far too long to draw", ("ABD", "ABC", "ABCD"), "ABC"),
    ],
)
def test_a_long_name_is_written_short_where_it_has_an_abbreviation(
    name: str, aliases: tuple[str, ...], short: str
) -> None:
    assert short_name(name, (name, *aliases)) == short


@pytest.mark.parametrize(
    ("title", "abstract", "shown"),
    [
        ("A title", "An abstract.", "A title"),
        (" ", " An abstract. ", "An abstract."),
        ("", "word " * 20, "word " * 12 + "…"),
        ("", " ", "p"),
    ],
)
def test_a_paper_without_a_title_shows_the_beginning_of_its_abstract(title: str, abstract: str, shown: str) -> None:
    assert cited({"id": "p", "title": title, "abstract": abstract, "year": None}).title == shown
    graph = build_graph({}, [make_linked_paper(Paper("p", title, abstract), [])])
    assert GraphInMemory(graph).nodes(["p"])["p"].name == shown


def test_an_entity_without_a_name_shows_its_id() -> None:
    paper = Paper("p", "", "")
    stated = Statement("s", "USES", "p", "method:m", "p", "", 0, 0, 0.5, None, "test")
    graph = build_graph({"method:m": Entity("method:m", METHOD, " ", (" ",))}, [make_linked_paper(paper, [stated])])
    assert GraphInMemory(graph).nodes(["method:m"])["method:m"].name == "method:m"
