"""Pairs of entities that may be related, of one paper.

In: the entities of a paper as plain values, and its page. Out: candidate pairs, each with the sentence that would be
the evidence. Two entities whose types fit a relation are a candidate

- where a sentence names both: it is the evidence, unless a guarded stretch (`guard.is_blocked`), a "respectively"
  (`lists.find_crossed`) or a list ("on A and B") keeps them apart;
- where both are named outside guarded stretches: the evidence is the sentence that names the target, best one that says
  "we", "our method", "it" or "the results" where these words stand for the source; the sentence that names the source
  is its context.

Of two methods the source is what the paper proposes, or a sentence names both (for COMPARED_WITH the target must be a
competitor then): of the others, which are half of all pairs, one in a hundred is related.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kgraph.extract.encoded_pairs import Judged, PairLogits, compare
from kgraph.extract.entities import EntityRow
from kgraph.extract.guard import CONTRAST, is_blocked
from kgraph.extract.lists import find_crossed, find_lists
from kgraph.extract.mentions import Page, Place
from kgraph.extract.words import find_words
from kgraph.schema import COMPARED, COMPARED_WITH, DATASET, ENTITY_LABELS, METHOD, PROPOSED, RELATION_ENDS

_OURS = re.compile(
    r"\b(?:we|our|ours|it|its|(?:this|the|these|proposed|resulting|new|novel) (?:\w+ )?"
    r"(?:method|model|approach|framework|algorithm|system|architecture|technique|strategy|pipeline|module|network|"
    r"dataset|benchmark|corpus|paper|work|study|results?|experiments?|evaluations?))\b|\b(?:experiments?|results|evaluations?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity as the pairs see it."""

    number: int
    """Which of the entities of the paper it is."""
    label: str
    name: str
    role: str
    score: float
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
    free_places: list[Place]
    """The mentions outside guarded stretches; all of them where there are no others."""
    sentences: frozenset[int]
    """The numbers of the sentences that name it."""
    is_titled: bool
    """Whether the title names it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The entities of a paper and where they stand."""

    page: Page
    nodes: list[Node]
    places: dict[int, list[Place]]
    """All mentions, by sentence."""
    lists: dict[Place, list[Place]]
    """The list that a mention stands in, for those that stand in one."""
    crossed: set[tuple[Place, Place]]
    """The mentions that a "respectively" keeps apart."""
    proposals: int
    """How many methods the paper proposes."""
    judged: Judged | None
    """What an encoder says of each two entities, where one read the paper."""


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
    context: int | None
    """The number of the sentence that names the source, where the evidence does not."""


def read_scene(rows: list[EntityRow], page: Page, judged: PairLogits | None = None) -> Scene:
    """Read the entities of a paper."""
    nodes = [_read_node(number, row, rows, page) for number, row in enumerate(rows)]
    places: dict[int, list[Place]] = defaultdict(list)
    for node in nodes:
        for place in node.places:
            places[place.sent].append(place)
    lists = [found for label in ENTITY_LABELS for found in find_lists(page.text, _places_of(nodes, label))]
    members = {place: found for found in lists for place in found}
    proposals = sum(node.role == PROPOSED and node.label == METHOD for node in nodes)
    return Scene(page, nodes, places, members, find_crossed(page.text, lists), proposals, compare(judged))


def _places_of(nodes: list[Node], label: str) -> list[Place]:
    return [place for node in nodes if node.label == label for place in node.places]


def _read_node(number: int, row: EntityRow, rows: list[EntityRow], page: Page) -> Node:
    words = [word.key for word in find_words(row["name"])]
    places = [Place(*values) for values in row["mentions"]]
    peers = [other for other in rows if other["label"] == row["label"]]
    return Node(
        number=number,
        label=row["label"],
        name=row["name"],
        role=row["role"],
        score=row["score"],
        places=places,
        head=words[-1],
        keys=frozenset(words),
        is_subject=row is _subject(peers),
        rank=peers.index(row),
        peers=len(peers),
        free_places=[place for place in places if not place.guarded] or places,
        sentences=frozenset(place.sent for place in places),
        is_titled=any(page.in_title(place) for place in places),
    )


def _subject(peers: list[EntityRow]) -> EntityRow | None:
    """Of entities of one type, the one that "we", "our method" and "our dataset" most likely stand for."""
    proposed = [row for row in peers if row["role"] == PROPOSED and row["label"] in {METHOD, DATASET}]
    return max(proposed, key=lambda row: (row["role_score"], len(row["mentions"])), default=None)


def find_pairs(scene: Scene) -> Iterator[tuple[str, Pair]]:
    """Yield all candidates, each with the type of the relation."""
    for kind, labels in RELATION_ENDS.items():
        sources, targets = ([node for node in scene.nodes if node.label == label] for label in labels)
        for source in sources:
            for target in targets:
                if source is not target and _may_be_related(kind, source, target):
                    pair = _make_pair(source, target, kind == COMPARED_WITH, scene)
                    if pair is not None:
                        yield kind, pair


def _may_be_related(kind: str, source: Node, target: Node) -> bool:
    if (source.label, target.label) != (METHOD, METHOD) or source.role == PROPOSED:
        return True
    if target.role == PROPOSED or source.sentences.isdisjoint(target.sentences):
        return False
    return kind != COMPARED_WITH or target.role == COMPARED


def _make_pair(source: Node, target: Node, may_contrast: bool, scene: Scene) -> Pair | None:
    """Look for the sentence that names both, else for one that names the target and one that names the source."""
    both = [(a, b) for a in source.places for b in target.places if a.sent == b.sent]
    stated = [(a, b) for a, b in both if not is_blocked(a.guarded, b.guarded, may_contrast)]
    apart = [(a, b) for a, b in stated if (a, b) in scene.crossed or a in scene.lists.get(b, ())]
    stated = [places for places in stated if places not in apart]
    if stated:
        closest = min(stated, key=lambda places: (_gap(*places), places[0].start))
        return Pair(source, target, closest, len({a.sent for a, _ in stated}), closest[0].sent, None)
    allowed = {"", CONTRAST} if may_contrast else {""}
    left, right = ([place for place in node.places if place.guarded in allowed] for node in (source, target))
    if apart or not left or not right:
        return None
    evidence = min(right, key=lambda place: _silence(place, source, left, scene.page))
    context = min(left, key=lambda place: _distance(place, evidence))
    if context.sent == evidence.sent:
        return None
    return Pair(source, target, None, 0, evidence.sent, context.sent)


def _gap(a: Place, b: Place) -> int:
    return max(a.start, b.start) - min(a.end, b.end)


def _silence(place: Place, source: Node, left: list[Place], page: Page) -> tuple[bool, int, int]:
    """How badly a mention of the target shows the relation: whether nothing means the source, how far away it is."""
    means_source = source.role == PROPOSED and (page.in_title(place) or _OURS.search(page.sentence(place.sent)))
    return not means_source, min(abs(place.sent - other.sent) for other in left), place.start


def _distance(place: Place, evidence: Place) -> tuple[int, int]:
    return abs(place.sent - evidence.sent), place.start
