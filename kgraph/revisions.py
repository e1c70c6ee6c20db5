"""What tells whether a store has a paper or an entity as it should be: its revision, one number.

Stores add the revisions up by their rest by `BUCKETS`, which depends on the id alone. Where both sides have the same
number and sum in a bucket there is nothing to do in it, so a graph of any size is compared by `BUCKETS` rows (a Merkle
tree of one level, https://doi.org/10.1007/3-540-48184-2_32).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from hashlib import blake2b
from operator import attrgetter
from typing import Final, Literal

from kgraph.schema import Entity, Paper, Statement

Kind = Literal["papers", "entities"]
"""What has revisions."""

BUCKETS: Final = 1 << 10
REVISION_FORMAT: Final = 3
"""Count up when a store must be filled anew although papers and statements are the same (a new property, say): the
records are linked anew then."""

# dataclasses.astuple copies deeply, which takes ten times as long.
_PAPER: Final = attrgetter(*(field.name for field in fields(Paper)))
_ENTITY: Final = attrgetter(*(field.name for field in fields(Entity)))
_STATEMENT: Final = attrgetter(*(field.name for field in fields(Statement)))


def paper_revision(paper: Paper, statements: Iterable[Statement]) -> int:
    """Return the revision of a paper with its statements: a number of 48 bits."""
    return _revision(paper.id, [_PAPER(paper), [_STATEMENT(statement) for statement in statements]])


def entity_revision(entity: Entity) -> int:
    """Return the revision of an entity, with what is the same term: a number of 48 bits."""
    return _revision(entity.id, _ENTITY(entity))


def _revision(key: str, content: object) -> int:
    """Return the bucket of a key in the lowest 10 bits, and a hash of the content in 38 above: sums stay exact."""
    text = json.dumps([REVISION_FORMAT, content])
    return _hash(text) % (1 << 38) * BUCKETS + _hash(key) % BUCKETS


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
