"""What comes into a page that shows a part of a database when its reader expands a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kgraph.errors import NotFoundError
from kgraph.schema import PAPER, entity_label, is_entity_id
from kgraph.view.network import network_items
from kgraph.view.pack import columns
from kgraph.view.picture import Picture, node_sizes
from kgraph.view.subject import Evidence, Line, Node, Subject, by_support

MOST: Final = 30
"""How many neighbours come at a time."""


def expand(subject: Subject, node_id: str, shown: Sequence[str], most_papers: int = 1) -> dict[str, Any]:
    """Return the best neighbours of a node that are not among those `shown`, and the lines between them and these.

    They come as the columns `nodes` and `lines`, and as `items` for vis-network; a line names its ends by their place
    in the list of all, those that are new after those `shown`. `more` is how many neighbours are left. Of the nodes
    that are shown, the one with the most papers has `most_papers`: that is what the radius of the new ones is measured
    against. Raises `NotFoundError` for an id that nothing has.
    """
    known = set(shown)
    near = [one for one in _neighbours(subject, node_id) if one not in known]
    found = subject.nodes(near[:MOST])
    new = [found[one] for one in near[:MOST]]
    lines = _lines(subject, [node.id for node in new], shown)
    whole = _picture([*(Node(one, _label(one), "", most_papers) for one in shown), *new], lines)
    packed, (nodes, edges, _) = columns(whole), network_items(whole)
    return {
        "nodes": _after(packed["nodes"], len(shown)),
        "lines": packed["lines"],
        "items": {"nodes": nodes[len(shown) :], "edges": edges},
        "more": len(near) - len(new),
    }


def _neighbours(subject: Subject, node_id: str) -> list[str]:
    """Return the neighbours of an entity, the best supported first, or the entities that a paper names."""
    lines = sorted(subject.lines_of([node_id]), key=by_support)
    near = dict.fromkeys(line.target if line.source == node_id else line.source for line in lines)
    found = list(near) or subject.entities_of(node_id)
    if not found and node_id not in subject.nodes([node_id]):
        raise NotFoundError(f"no entity or paper has the id {node_id!r}")
    return found


def _lines(subject: Subject, new: Sequence[str], shown: Sequence[str]) -> list[Line]:
    """Return the lines that touch a new node and end at another one or at one that is shown, be it a paper."""
    fresh, papers = set(new), [one for one in shown if not is_entity_id(one)]
    found = subject.lines_between((*shown, *new), papers) if new else []
    return sorted((line for line in found if {line.source, line.target} & fresh), key=by_support)


def _picture(nodes: Sequence[Node], lines: Sequence[Line]) -> Picture:
    """Return these nodes as a picture in which none has a place."""
    return Picture(
        nodes=nodes,
        lines=lines,
        places=(),
        sizes=node_sizes(nodes, 1.0),
        scale=1.0,
        member_of=[0] * len(nodes),
        communities=(),
        bands=(),
        evidence=Evidence({}, {}, {}),
        left_out=0,
        focus=None,
        trends=None,
    )


def _label(node_id: str) -> str:
    return entity_label(node_id) if is_entity_id(node_id) else PAPER


def _after(columns: Mapping[str, Iterable[Any]], first: int) -> dict[str, Any]:
    """Return the columns without their first rows; the only one that is no list is of papers, and none is new."""
    return {name: list(column)[first:] if isinstance(column, list) else {} for name, column in columns.items()}
