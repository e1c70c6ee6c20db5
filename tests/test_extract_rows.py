"""The lines of `kgraph extract`: what was found in a paper, with the evidence of every statement."""

from __future__ import annotations

import json

from kgraph.extract import extraction_row
from kgraph.schema import METHOD, TASK, Evidence, Extraction, Paper, PaperEntity, PaperRelation

PAPER = Paper("p1", "ZipNet, a network", "We use it to sort.")
NAMED, MEANT = Evidence("ZipNet, a network", 0, 17), Evidence("We use it to sort.", 18, 36)
ENTITIES = (
    PaperEntity(METHOD, "ZipNet", ("ZipNet",), "proposed", 0.9, NAMED, (), "test"),
    PaperEntity(TASK, "sort", ("sort",), "used", 0.8, MEANT, (), "test"),
)


def test_a_statement_has_its_context_where_there_is_one() -> None:
    with_context = PaperRelation("USED_FOR", "ZipNet", "sort", 0.5, MEANT, "test", NAMED)
    without = PaperRelation("USED_FOR", "ZipNet", "sort", 0.5, NAMED, "test")
    row = json.loads(json.dumps(extraction_row(PAPER, Extraction("p1", ENTITIES, (with_context, without)))))
    *roles, one, other = row["statements"]
    assert one["context"] == {"sentence": "ZipNet, a network", "start_char": 0, "end_char": 17}
    assert one["sentence"] == "We use it to sort."
    assert not any("context" in statement for statement in (*roles, other))
