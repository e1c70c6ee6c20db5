"""What names a database, and where user name and password come from; none of this needs a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgraph.cypher_files import cypher_folder
from kgraph.errors import UsageError
from kgraph.store import find_credentials, is_server, open_store, with_database
from kgraph.store.base import one_line, schema_statements


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_USERNAME", raising=False)
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)


@pytest.mark.parametrize("url", ["http://host", "https://a:s3cret@host", "bolt+x://a:s3cret@host", "file:///tmp/x"])
def test_other_schemes_are_usage_errors_that_show_no_password(url: str) -> None:
    with pytest.raises(UsageError, match="is not a graph database") as caught:
        open_store(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "bolt://",
        "bolt:/a:s3cret@host",
        "neo4j:a:s3cret@host",
        "bolt://neo4j:12#s3cret@host",
        "bolt://a:1?s3cret@host",
        "bolt://a:s3cret@",
        "bolt://a:s3cret/word@host",
        "bolt://a:s3cret@host:port",
        "neo4j://a:s3cret@[::1",
    ],
)
def test_a_url_that_cannot_be_read_is_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        open_store(url)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("scheme", ["neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc", "BOLT"])
def test_every_scheme_of_neo4j_names_a_server(scheme: str) -> None:
    assert is_server(f"{scheme}://host")
    assert find_credentials(f"{scheme}://host") is None


@pytest.mark.parametrize("path", ["graph.kg", "/a/b.kg", "a:b", r"C:\graphs\x.kg", Path("neo4j:/x"), "bolts:x"])
def test_anything_else_is_a_folder(path: str | Path) -> None:
    assert not is_server(path)


def test_credentials_come_from_arguments_then_the_url_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "neo4j://ann:p%40ss%2Fword@host:7687"
    monkeypatch.setenv("NEO4J_USERNAME", "eve")
    monkeypatch.setenv("NEO4J_PASSWORD", "from-environment")
    assert find_credentials(url, username="bob", password="given") == ("bob", "given")
    assert find_credentials(url) == ("ann", "p@ss/word")
    assert find_credentials("neo4j://host") == ("eve", "from-environment")
    assert find_credentials("neo4j://ann@host") == ("ann", "from-environment")


def test_the_user_is_neo4j_where_none_is_named_and_without_password_there_is_none() -> None:
    assert find_credentials("bolt://host", password="x") == ("neo4j", "x")
    assert find_credentials("bolt://ann@host") is None


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("neo4j://host", "neo4j://host?database=a+b"),
        (
            "bolt+s://user:p%3Fq@host:7688/?database=old&policy=x",
            "bolt+s://user:p%3Fq@host:7688/?policy=x&database=a+b",
        ),
    ],
)
def test_a_url_names_one_of_the_databases_of_its_server(url: str, named: str) -> None:
    assert with_database(url, "a b") == named
    assert with_database(named, "a b") == named
    assert find_credentials(named) == find_credentials(url)


def test_the_cypher_folder_holds_the_schema_of_both_engines() -> None:
    assert sorted(file.name for file in (cypher_folder() / "schema").iterdir()) == ["ladybug.cypher", "neo4j.cypher"]


@pytest.mark.parametrize(("engine", "number"), [("ladybug", 20), ("neo4j", 18)])
def test_a_schema_is_a_list_of_statements(engine: str, number: int) -> None:
    statements = schema_statements(engine)
    assert len(statements) >= number
    assert all(statement.startswith("CREATE ") and ";" not in statement for statement in statements)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("Binder exception: Table Foo does not exist.", "Binder exception: Table Foo does not exist."),
        ("Invalid input 'X': expected 'A', 'B' or 'C' (line 1)\n\"X\"\n ^", "Invalid input 'X' (line 1)"),
        ("extraneous input 'X' expecting {A, B} (line: 1, offset: 0)", "extraneous input 'X' (line: 1, offset: 0)"),
        ("Type mismatch: expected Integer but was String (line 1)", None),
        ("two\n  lines", "two lines"),
    ],
)
def test_an_engine_message_becomes_one_line(message: str, line: str | None) -> None:
    assert one_line(message) == (line or message)
