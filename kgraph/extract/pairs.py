"""Pairs of entities that may be related, of one paper.

In: the entities of a paper as plain values, and its page. Out: candidate pairs, each with the number of the sentence
that would be the evidence. A pair of the right types is a candidate

- where a sentence names both (outside guarded stretches; for COMPARED_WITH also inside a CONTRAST), or
- where the source is what the paper proposes, and the title names the target, or a sentence that says "we", "our
  method", "it" or "the results": these words then stand for the source.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kgraph.extract.entities import EntityRow
from kgraph.extract.guard import CONTRAST
from kgraph.extract.mentions import Page, Place
from kgraph.extract.words import find_words
from kgraph.schema import DATASET, METHOD, RELATION_ENDS

_OURS = re.compile(
    r"\b(?:we|our|ours|it|its|(?:this|the|these|proposed|resulting|new|novel) (?:\w+ )?"
    r"(?:method|model|approach|framework|algorithm|system|architecture|technique|strategy|pipeline|module|network|"
    r"dataset|benchmark|corpus|paper|work|study|results?|experiments?|evaluations?))\b|\b(?:experiments?|results|evaluations?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity as the pairs see it."""

    label: str
    name: str
    role: str
    places: list[Place]
    head: str
    """The key of the last word of the name."""
    keys: frozenset[str]
    """The keys of all its words."""
    is_subject: bool
    """Whether it is the one of its type that the paper most likely proposes."""
    rank: int
    """How many entities of its type stand before it."""
    peers: int
    """How many entities have its type, itself among them."""

    def free_places(self) -> list[Place]:
        """The mentions outside guarded stretches."""
        return [place for place in self.places if not place.guarded]


@dataclass(frozen=True, slots=True)
class Scene:
    """The entities of a paper and where they stand."""

    page: Page
    nodes: list[Node]
    places: dict[int, list[Place]]
    """All mentions, by sentence."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that may be related."""

    source: Node
    target: Node
    closest: tuple[Place, Place] | None
    """Their two mentions that stand closest in one sentence; None where no sentence has both."""
    shared: int
    """How many sentences name both."""
    evidence: int
    """The number of the sentence that would state the relation."""


def read_scene(rows: list[EntityRow], page: Page) -> Scene:
    """Read the entities of a paper."""
    nodes = [_read_node(row, rows) for row in rows]
    places: dict[int, list[Place]] = defaultdict(list)
    for node in nodes:
        for place in node.places:
            places[place.sent].append(place)
    return Scene(page, nodes, places)


def _read_node(row: EntityRow, rows: list[EntityRow]) -> Node:
    words = [word.key for word in find_words(row["name"])]
    peers = [other for other in rows if other["label"] == row["label"]]
    return Node(
        label=row["label"],
        name=row["name"],
        role=row["role"],
        places=[Place(*values) for values in row["mentions"]],
        head=words[-1],
        keys=frozenset(words),
        is_subject=row is _subject(peers),
        rank=peers.index(row),
        peers=len(peers),
    )


def _subject(peers: list[EntityRow]) -> EntityRow | None:
    """Of entities of one type, the one that "we", "our method" and "our dataset" most likely stand for."""
    proposed = [row for row in peers if row["role"] == "proposed" and row["label"] in {METHOD, DATASET}]
    return max(proposed, key=lambda row: (row["role_score"], len(row["mentions"])), default=None)


def find_pairs(scene: Scene) -> Iterator[tuple[str, Pair]]:
    """Yield all candidates, each with the type of the relation."""
    for kind, (source_label, target_label) in RELATION_ENDS.items():
        allowed = {"", CONTRAST} if kind == "COMPARED_WITH" else {""}
        sources, targets = ([n for n in scene.nodes if n.label == label] for label in (source_label, target_label))
        for source in sources:
            for target in targets:
                pair = None if source is target else _make_pair(source, target, allowed, scene.page)
                if pair is not None:
                    yield kind, pair


def _make_pair(source: Node, target: Node, allowed: set[str], page: Page) -> Pair | None:
    """Look for the sentences that name both, else for one that names the target and means the source."""
    left = [place for place in source.places if place.guarded in allowed]
    right = [place for place in target.places if place.guarded in allowed]
    both = [(a, b) for a in left for b in right if a.sent == b.sent]
    if both:
        closest = min(both, key=lambda places: (_gap(*places), places[0].start))
        return Pair(source, target, closest, len({a.sent for a, _ in both}), closest[0].sent)
    implied = _implied_place(source, target, page)
    return None if implied is None else Pair(source, target, None, 0, implied.sent)


def _gap(a: Place, b: Place) -> int:
    return max(a.start, b.start) - min(a.end, b.end)


def _implied_place(source: Node, target: Node, page: Page) -> Place | None:
    """The mention of the target in the title, or in a sentence whose words stand for the source."""
    if source.role != "proposed":
        return None
    return next(
        (p for p in target.free_places() if page.in_title(p) or _OURS.search(page.sentence(p.sent))),
        None,
    )
