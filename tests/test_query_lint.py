"""What the texts of the library may not say, because the two engines understand it differently or one not at all.

Every rule is a row of a table with a text that it must catch; what it guards against was measured on both engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from kgraph.cypher_files import cypher_folder

Clause = tuple[str, str]
_KEYWORD = re.compile(r"(?:OPTIONAL )?MATCH|WHERE|WITH|RETURN|ORDER BY|SKIP|LIMIT|UNWIND")
# What a row is of, where there are few of it and so no LIMIT is needed.
FEW = {"year", "type", "kind"}
UNIQUE = FEW | {"id", "source", "target", "author"}


class Rule(NamedTuple):
    """A rule: why it is there, what finds a breach of it, a text that breaches it, and whether variants keep it too."""

    why: str
    breaks: Callable[[str], bool]
    bad: str
    of_variants: bool = True


def code(text: str) -> str:
    """Return a text without its comments and with empty strings."""
    return re.sub(r"'(?:\\.|[^'\\])*'", "''", re.sub(r"(?m)^//.*\n?", "", text)).strip()


def clauses(text: str) -> list[Clause]:
    """Split a text into its clauses, (keyword, what follows); those in brackets stay within theirs."""
    starts, depth, place = [], 0, 0
    while place < len(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[place], 0)
        found = _KEYWORD.match(text, place) if depth == 0 and not text[place - 1 : place].isalnum() else None
        if found:
            starts.append(found)
        place = found.end() if found else place + 1
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return [(start[0], text[start.end() : end].strip()) for start, end in zip(starts, ends, strict=True)]


def items(body: str) -> list[str]:
    """Split what follows RETURN, WITH or ORDER BY at its commas."""
    found, depth = [""], 0
    for letter in body.removeprefix("DISTINCT "):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
        found = [*found, ""] if letter == "," and depth == 0 else [*found[:-1], found[-1] + letter]
    return [item.strip() for item in found]


def calls(text: str, function: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of a function."""
    for found in re.finditer(rf"\b{function}\(", text):
        depth, place = 1, found.end()
        while depth and place < len(text):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            place += 1
        yield items(text[found.end() : place - 1])


def has(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.search(pattern, text) is not None


def adds_fractions(text: str) -> bool:
    """Tell whether something is added that is neither a count nor the whole millionths of a confidence."""
    added = (re.sub(r"CASE WHEN .* THEN (\w+) ELSE 0 END", r"\1", each[0]) for each in calls(text, "sum"))
    return any(not re.match(r"round\(.*, 0\)", each) and f") AS {each}" not in text for each in added)


def rounds_to_default(text: str) -> bool:
    return any(len(arguments) < 2 for arguments in calls(text, "round"))


def leaves_column_unnamed(text: str) -> bool:
    columns = (item for keyword, body in clauses(text) if keyword in ("WITH", "RETURN") for item in items(body))
    return any(not re.search(r"^\w+$| AS `?\w+`?$", column) for column in columns)


def returns_parameter(text: str) -> bool:
    return any(item.startswith("$") for keyword, body in clauses(text) if keyword == "RETURN" for item in items(body))


def orders_on_the_way(text: str) -> bool:
    """Tell whether rows are ordered in the middle without being cut there."""
    words = [keyword for keyword, _ in clauses(text)]
    ordered = [place for place, word in enumerate(words) if word == "ORDER BY" and "RETURN" in words[place:]]
    return any(words[place + 1] not in ("LIMIT", "SKIP") for place in ordered)


def counts_what_was_cut(text: str) -> bool:
    """Tell whether rows that were ordered and cut go into one row of aggregates, with nothing to group by."""
    words = clauses(text)
    cut = {place + 1 for place, (word, _) in enumerate(words) if word == "LIMIT" and words[place - 1][0] == "ORDER BY"}
    return any(
        word in ("WITH", "RETURN") and all(re.match(r"(?:count|collect|min|max|sum)\(", item) for item in items(body))
        for place, (word, body) in enumerate(words)
        if place in cut
    )


def order_columns(text: str) -> list[str]:
    """Return what the rows are ordered by in the end."""
    words = clauses(text)
    returned = max((place for place, (word, _) in enumerate(words) if word == "RETURN"), default=0)
    return [item.removesuffix(" DESC") for word, body in words[returned:] if word == "ORDER BY" for item in items(body)]


def leaves_order_open(text: str) -> bool:
    return not order_columns(text) or order_columns(text)[-1] not in UNIQUE


def returns_without_bound(text: str) -> bool:
    return "LIMIT" not in dict(clauses(text)) and not (len(order_columns(text)) == 1 and order_columns(text)[0] in FEW)


def names_unlabelled_node(text: str) -> bool:
    unlabelled = re.findall(r"(?<!\w)\((\w*)(?: \{[^}]*\})?\)(?=[-<]|$|\s|\})", text)
    return any(not name or not re.search(rf"\({name}:", text) for name in unlabelled)


def walks_an_edge_twice(text: str) -> bool:
    """Tell whether one pattern could take the same edge twice, there and back, and nothing tells its ends apart."""
    words = [*clauses(text), ("", "")]
    for (keyword, body), (after, condition) in pairwise(words):
        if keyword.endswith("MATCH"):
            types = [set(found.split("|")) for found in re.findall(r"\[\w*:([A-Z_|]+)", body)]
            apart = after == "WHERE" and re.search(r"<>| < ", condition)
            if not apart and any(one & other for one, other in combinations(types, 2)):
                return True
    return False


R = "MATCH (n:Task) RETURN n.id AS id{} ORDER BY id LIMIT $limit"
RULES = (
    Rule("labels() is a text on the embedded engine", has(r"\blabels\("), R.format(", labels(n) AS labels")),
    Rule("keys() come in another order", has(r"\bkeys\("), R.format(", keys(n) AS keys")),
    Rule("substring() counts from 1 on one engine", has(r"\bsubstring\("), R.format(", substring(n.name, 1) AS part")),
    Rule("toString() writes numbers differently", has(r"\btoString\("), R.format(", toString(n.year) AS year")),
    Rule(
        "toInteger() rounds on one engine and cuts on the other",
        has(r"\btoInteger\("),
        R.format(", toInteger(2.7) AS x"),
    ),
    Rule("toUpper() and some letters", has(r"\btoUpper\("), R.format(", toUpper(n.name) AS name")),
    Rule(
        "head() of nothing is an error on one engine", has(r"\b(?:head|last)\("), R.format(", head(n.aliases) AS name")
    ),
    Rule(
        "the ends of an edge come in walking order", has(r"\b(?:startNode|endNode)\("), R.format(", startNode(r) AS a")
    ),
    Rule("inner ids are the engine's own", has(r"\b(?:id|elementId)\("), R.format(", elementId(n) AS inner")),
    Rule("a mean depends on the order of adding", has(r"\bavg\("), R.format(", avg(n.score) AS score")),
    Rule("a sum of fractions depends on the order of adding", adds_fractions, R.format(", sum(n.score) AS score")),
    Rule("round() takes two arguments on one engine", rounds_to_default, R.format(", round(n.score) AS score")),
    Rule("a column without a name has another one", leaves_column_unnamed, R.format(", count(*)")),
    Rule("an empty list cannot be returned as it was given", returns_parameter, R.format(", $list AS list")),
    Rule("a list begins at 0 or at 1", has(r"[\w)\]]\[(?!:)"), R.format(", n.aliases[0] AS alias"), of_variants=False),
    Rule(
        "one engine does not know it",
        has(
            r"\b(?:CALL|FOREACH|REMOVE|CAST)\b|\b(?:COLLECT|FILTER|LET) ?\{|SHORTEST|shortestPath|ShortestPaths"
            r"|\b(?:reduce|tail|exp|stDev|toBoolean|label|properties|date|date_part|list_to_string|nodes)\("
        ),
        "MATCH path = (n:Task)-[:SUBTASK_OF* SHORTEST 1..3]->(m:Task) RETURN n.id AS id ORDER BY id LIMIT 1",
        of_variants=False,
    ),
    Rule("no list comprehension", has(r"\[\s*\w+\s+IN\b"), R.format(", [x IN n.aliases WHERE x <> ''] AS names")),
    Rule("no pattern comprehension", has(r"\[\s*\("), R.format(", [(n)-[:SUBTASK_OF]->(m:Task) | m.name] AS names")),
    Rule("no map projection", has(r"\w\s*\{\s*\."), R.format(", n {.name} AS node")),
    Rule("no ||", has(r"\|\|"), R.format(", n.name || n.id AS text")),
    Rule(
        "two labels mean one of them, or both",
        has(r"\(\w*:\w+:\w+"),
        "MATCH (n:Task:Method) RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "a year is a number",
        has(r"year\s*[<>=]+\s*''"),
        "MATCH (n:Paper) WHERE n.year > '2019' RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "no chain of comparisons",
        has(r"\w\s*[<>]=?\s*[\w.]+\s*[<>]=?\s*\w"),
        "MATCH (n:Paper) WHERE 1 < n.year < 3 RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "no parameter within any() or all()",
        has(r"\b(?:any|all|none|single)\([^)]*\$"),
        "MATCH (n:Task) WHERE any(x IN n.aliases WHERE x = $x) RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "a limit is bound as a number",
        has(r"LIMIT (?!\$\w+\b|\d+\b)"),
        "MATCH (n:Task) RETURN n.id AS id ORDER BY id LIMIT size($limit)",
    ),
    Rule("end is a word of the language", has(r"\.end\b"), R.format(", n.end AS x")),
    Rule(
        "a node without a label is any node of the database",
        names_unlabelled_node,
        "MATCH (n:Task)-[:SUBTASK_OF]->(m) RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "an edge without a type is any edge",
        has(r"-\[\w*\]-|--[>(]|<--"),
        "MATCH (n:Task)-[r]->(m:Task) RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "an edge may be walked twice on one engine",
        walks_an_edge_twice,
        "MATCH (n:Task)-[:SUBTASK_OF]-(:Task)-[:SUBTASK_OF]-(m:Task) RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "rows are ordered at the end, or where they are cut",
        orders_on_the_way,
        "MATCH (n:Task) WITH n ORDER BY n.id RETURN n.id AS id ORDER BY id LIMIT 1",
    ),
    Rule(
        "one engine cuts without the order before an aggregate of all rows",
        counts_what_was_cut,
        "MATCH (n:Task) WITH n.id AS id ORDER BY id LIMIT 2 WITH collect(id) AS ids UNWIND ids AS id "
        "RETURN id ORDER BY id LIMIT 1",
    ),
    Rule(
        "the order ends in what is unique",
        leaves_order_open,
        "MATCH (n:Task) RETURN n.name AS name ORDER BY name LIMIT 1",
    ),
    Rule("there is a limit", returns_without_bound, "MATCH (n:Task) RETURN n.id AS id ORDER BY id"),
    Rule(
        "the library only reads",
        has(r"\b(?:CREATE|MERGE|SET|DELETE|DETACH|DROP|COPY|LOAD)\b"),
        R.format("") + " SET n.name = ''",
    ),
)
FILES = sorted((cypher_folder() / "queries").glob("*.cypher"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why)
def test_a_rule_catches_what_it_forbids(rule: Rule) -> None:
    assert [broken.why for broken in RULES if broken.breaks(code(rule.bad))] == [rule.why]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_library_keeps_the_rules(path: Path) -> None:
    rules = [rule for rule in RULES if rule.of_variants or "." not in path.stem]
    assert [rule.why for rule in rules if rule.breaks(code(path.read_text(encoding="utf-8")))] == []


def test_clauses_and_items_are_split_where_they_end() -> None:
    text = (
        "MATCH (n:Task) WHERE EXISTS { MATCH (n)-[:X]->(:Y) WHERE n.a = 1 } RETURN f(n.a, 1) AS a, [1, 2] AS b LIMIT 3"
    )
    assert [keyword for keyword, _ in clauses(text)] == ["MATCH", "WHERE", "RETURN", "LIMIT"]
    assert items(dict(clauses(text))["RETURN"]) == ["f(n.a, 1) AS a", "[1, 2] AS b"]
