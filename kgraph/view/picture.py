"""A picture: what is shown, where it stands, how large and in which community, and the evidence behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from typing import Final, Literal

from kgraph.communities import find_communities, join_nodes
from kgraph.errors import UsageError
from kgraph.schema import PAPER
from kgraph.view.kinds import MAX_NODES, Kind
from kgraph.view.layout import Band, place_in_columns, place_in_time, place_nodes
from kgraph.view.select import MAX_NETWORK, Selection, Trends
from kgraph.view.subject import Evidence, Line, Node, Subject

MAX_STATEMENTS: Final[Mapping[str, int]] = {"network": 8_000, "map": 400_000}
"""How many statements a page carries."""

_MOST_EACH: Final = 40  # statements of one node or line
_TERMS: Final = 3
_ISLAND: Final = 3  # nodes of the smallest community that has a name
_NEAR: Final = 300  # nodes that are seen at full size
_WIDE: Final = 1.6  # how much larger nodes are drawn in a picture of many years, which is wide
_NAMED: Final = 60  # communities at most

Engine = Literal["network", "map"]
Place = tuple[int, int]
OnStep = Callable[[str], None]
"""Called with what is done next."""


@dataclass(frozen=True, slots=True)
class Community:
    """Nodes of a picture that belong together, called by those that most papers speak of."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a page shows.

    The first of the nodes are shown, as many as there are `places`; the others are in reserve. `sizes` are radii in
    pixels, `scale` is how much larger all is drawn than in a small picture; `member_of` are numbers of communities
    from 1 on, 0 for none.
    """

    nodes: Sequence[Node]
    lines: Sequence[Line]
    places: Sequence[Place]
    sizes: Sequence[float]
    scale: float
    member_of: Sequence[int]
    communities: Sequence[Community]
    bands: Sequence[Band]
    evidence: Evidence
    left_out: int
    focus: str | None
    trends: Trends | None

    @property
    def engine(self) -> Engine:
        """What draws the picture."""
        return _engine(len(self.nodes))


def no_steps(step: str) -> None:
    """Show nothing."""


def make_picture(subject: Subject, kind: Kind, limit: int | None = None, *, on_step: OnStep = no_steps) -> Picture:
    """Choose, place and document what a picture of this kind shows. Raises `UsageError` and `NotFoundError`."""
    limit = kind.limit if limit is None else limit
    if not 1 <= limit <= MAX_NODES:
        raise UsageError(f"a picture needs a limit of 1 to {MAX_NODES:,} nodes")
    on_step("choosing what to show")
    selection = kind.select(subject, limit)
    found = subject.nodes((*selection.nodes, *selection.reserve))
    nodes = [found[one] for one in (*selection.nodes, *selection.reserve)]
    scale = _scale(len(nodes), selection)
    sizes = node_sizes(nodes, scale)
    on_step("finding communities")
    member_of = _communities(nodes, selection)
    on_step("placing nodes")
    places, bands = _places(nodes, sizes, member_of, selection)
    totals = [*(node.papers for node in nodes), *(line.total for line in selection.lines)]
    most = _most_each(totals, _engine(len(nodes)))
    on_step("reading the evidence")
    return Picture(
        nodes=nodes,
        lines=selection.lines,
        places=places,
        sizes=sizes,
        scale=scale,
        member_of=member_of,
        communities=_named(nodes, member_of),
        bands=bands,
        evidence=subject.evidence(nodes, selection.lines, most),
        left_out=selection.left_out,
        focus=selection.focus,
        trends=selection.trends,
    )


def _engine(nodes: int) -> Engine:
    return "network" if nodes <= MAX_NETWORK else "map"


def _scale(nodes: int, selection: Selection) -> float:
    """Return how much larger nodes and lines are drawn because they are seen from afar; the map sees to that itself."""
    if _engine(nodes) == "map":
        return 1.0
    return _WIDE if selection.arrangement == "time" else max(1.0, sqrt(len(selection.nodes) / _NEAR))


def node_sizes(nodes: Sequence[Node], scale: float) -> list[float]:
    """Return the radius of each node: its area grows with the number of papers behind it; a paper has one size."""
    most = max((node.papers for node in nodes), default=0) or 1
    return [round(scale * (20 if node.label == PAPER else 7 + 17 * sqrt(node.papers / most)), 1) for node in nodes]


def _communities(nodes: Sequence[Node], selection: Selection) -> list[int]:
    """Return the number of the community of each node, 0 where it is too small to be one."""
    index = {node.id: position for position, node in enumerate(nodes)}
    joined = ((index[line.source], index[line.target], max(1, line.papers)) for line in selection.lines)
    found = find_communities(join_nodes(len(nodes), joined))
    sizes = Counter(found.values())
    return [found[one] if sizes[found[one]] >= _ISLAND and found[one] <= _NAMED else 0 for one in range(len(nodes))]


def _named(nodes: Sequence[Node], member_of: Sequence[int]) -> list[Community]:
    members: dict[int, list[Node]] = defaultdict(list)
    for node, number in zip(nodes, member_of, strict=True):
        if number:
            members[number].append(node)
    return [_community(found) for _, found in sorted(members.items())]


def _community(members: Sequence[Node]) -> Community:
    spoken_of = sorted(members, key=lambda node: (node.label == PAPER, -node.papers, node.id))
    names = islice(dict.fromkeys(node.name for node in spoken_of), _TERMS)
    return Community(", ".join(names), len(members))


def _places(
    nodes: Sequence[Node], sizes: Sequence[float], member_of: Sequence[int], selection: Selection
) -> tuple[Sequence[Place], Sequence[Band]]:
    """Return where the nodes that are shown stand, and the strips behind them."""
    shown = len(selection.nodes)
    index = {node.id: position for position, node in enumerate(nodes[:shown])}
    lines = [line for line in selection.lines if line.source in index and line.target in index]
    pairs = [(index[line.source], index[line.target]) for line in lines]
    if selection.arrangement == "time":
        return place_in_time([node.first for node in nodes[:shown]], pairs, sizes[:shown])
    if selection.arrangement == "columns":
        columns = [[index[one] for one in column.nodes] for column in selection.columns]
        headings = [column.heading for column in selection.columns]
        found, bands = place_in_columns(columns, pairs, sizes[:shown], headings)
        return [found[position] for position in range(shown)], bands
    groups = member_of[:shown] if shown > _NEAR else None
    weights = [max(1, line.papers) for line in lines]
    return place_nodes(sizes[:shown], pairs, weights=weights, groups=groups), ()


def _most_each(totals: Sequence[int], engine: Engine) -> int:
    """Return how many statements each node and line may carry so that the page stays within `MAX_STATEMENTS`."""
    numbers = Counter(min(total, _MOST_EACH) for total in totals)
    most = max(numbers, default=0)
    while most > 1 and sum(min(total, most) * times for total, times in numbers.items()) > MAX_STATEMENTS[engine]:
        most -= 1
    return most
