"""The named features from which `kgraph_relations` tells whether a relation holds between two entities.

In: a candidate pair and the scene it plays in. Out: names of features, each with the value 1. `|` joins two features
into one; `ab` and `ba` say whether the source or the target stands first.

Of every pair:

| feature | says |
| --- | --- |
| `bias` | always there |
| `roles=R>R`, `titles=tt`, `roles=…\\|…` | first letters of the roles, `!` for the subject of the paper; who stands in the title (t or -); both |
| `shared=N` | how many sentences name both |
| `hs=W`, `ht=W` | the last words of their names |
| `ks=N`, `kt=N` | how many mentions they have |
| `peers=N`, `rank=N\\|tt` | how many entities have the target's type; how many of them stand before it |
| `overlap`, `overlap<`, `overlap>`, `samehead` | the names share words; all of the target's, all of the source's; the last |

Where a sentence names both, of the two mentions that stand closest:

| feature | says |
| --- | --- |
| `together\\|roles`, `ab`, `ba`, `titled=…` | that it is so, and their order; whether the first stands in the title |
| `gap=N`, `nodes=N`, `gapnodes=NN` | how many words (in twos) and mentions stand between; both, coarser |
| `is=…` | all words between, where they are four at most |
| `b=W`, `b1=W`, `b-1=W W` | each of the first twelve words between, the first, the last two |
| `l=W`, `r=W`, `s=W` | each of the four words before, of the three after, of the first thirty of both |

Where no sentence names both, of the first four mentions of the target outside guarded stretches:

| feature | says |
| --- | --- |
| `apart\\|roles`, `away=N` | that it is so; how many sentences lie between the nearest mentions |
| `al=W`, `ar=W`, `as=W`, `ap=W W` | each of the five words before, of the three after, of the first three of the sentence; the two before |
"""  # noqa: E501  # rows of a table cannot be broken

from __future__ import annotations

from kgraph.extract.mentions import Page, Place
from kgraph.extract.pairs import Node, Pair, Scene
from kgraph.extract.words import lower_tokens


def pair_features(pair: Pair, scene: Scene) -> list[str]:
    """What tells whether a relation holds between two entities."""
    source, target = pair.source, pair.target
    roles = f"{_role(source)}>{_role(target)}"
    titles = _title(source, scene.page) + _title(target, scene.page)
    return [
        "bias", f"roles={roles}", f"titles={titles}", f"roles={roles}|{titles}", f"shared={min(pair.shared, 3)}",
        f"hs={source.head}", f"ht={target.head}", f"ks={min(len(source.places), 4)}",
        f"kt={min(len(target.places), 4)}", f"peers={min(target.peers, 8)}", f"rank={min(target.rank, 5)}|{titles}",
        *_name_features(source, target),
        *([f"apart|{roles}"] if pair.closest is None else [f"together|{roles}"]),
        *(_apart_features(pair, scene.page) if pair.closest is None else _together_features(*pair.closest, scene)),
    ]  # fmt: skip


def _role(node: Node) -> str:
    return node.role[0] + ("!" if node.is_subject else "")


def _title(node: Node, page: Page) -> str:
    return "t" if any(page.in_title(place) for place in node.places) else "-"


def _name_features(source: Node, target: Node) -> list[str]:
    if source.keys.isdisjoint(target.keys):
        return []
    wider = "<" if target.keys < source.keys else ">" if source.keys < target.keys else ""
    return ["overlap" + wider, *(["samehead"] if source.head == target.head else [])]


def _together_features(a: Place, b: Place, scene: Scene) -> list[str]:
    order = "ab" if a.start <= b.start else "ba"
    first, second = (a, b) if order == "ab" else (b, a)
    between = lower_tokens(scene.page.text[first.end : second.start])
    before, after = lower_tokens(scene.page.before(first)), lower_tokens(scene.page.after(second))
    others = sum(first.end <= place.start and place.end <= second.start for place in scene.places[a.sent])
    return [
        order, f"gap={order}{min(len(between), 20) // 2}", f"nodes={order}{min(others, 4)}",
        f"gapnodes={order}{min(len(between), 12) // 3}{min(others, 3)}", f"titled={scene.page.in_title(first)}",
        *([f"is={order} {' '.join(between)}"] if len(between) <= 4 else []),
        *_each(f"b={order}", between[:12]), *_each(f"l={order}", before[-4:]), *_each(f"r={order}", after[:3]),
        f"b1={order} {' '.join(between[:1])}", f"b-1={order} {' '.join(between[-2:])}",
        *dict.fromkeys([f"s={word}" for word in (*before, *after)[:30]]),
    ]  # fmt: skip


def _each(name: str, words: tuple[str, ...]) -> list[str]:
    return [f"{name} {word}" for word in dict.fromkeys(words)]


def _apart_features(pair: Pair, page: Page) -> list[str]:
    nearest = min(abs(a.sent - b.sent) for a in pair.source.places for b in pair.target.places)
    around = {feature for place in pair.target.free_places()[:4] for feature in _target_features(place, page)}
    return [f"away={min(nearest, 4)}", *sorted(around)]


def _target_features(place: Place, page: Page) -> list[str]:
    before, after = lower_tokens(page.before(place)), lower_tokens(page.after(place))
    return [
        *(f"al={word}" for word in before[-5:]),
        *(f"ar={word}" for word in after[:3]),
        *(f"as={word}" for word in before[:3]),
        f"ap={' '.join(before[-2:])}",
    ]
