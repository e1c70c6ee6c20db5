"""The named features from which `kgraph_relations` tells whether a relation holds between two entities.

In: a type of relation, a candidate pair, and the scene it plays in. Out: names of features, each with the value 1. `|`
joins two features into one; `ab` and `ba` say whether the source or the target stands first.

Of every pair:

| feature | says |
| --- | --- |
| `bias` | always there |
| `roles=R>R`, `titles=tt`, `roles=…\\|…` | first letters of the roles, `!` for the subject of the paper; who stands in the title (t or -); both |
| `shared=N` | how many sentences name both |
| `hs=W`, `ht=W`, `ws=W`, `wt=W` | the last words of their names, all words |
| `ks=N`, `kt=N` | how many mentions they have |
| `peers=N`, `rank=N\\|tt` | how many entities have the target's type; how many of them stand before it |
| `overlap`, `overlap<`, `overlap>`, `samehead` | the names share words; all of the target's, all of the source's; the last |
| `at=N` | in which tenth of the sentences the evidence stands |

With the roles of both:

| feature | says |
| --- | --- |
| `proposals=N`, `speers=N`, `srank=N`, `trank=N` | how many methods the paper proposes; how many entities have the source's type; how many of their types stand before the source and the target |
| `away=N`, `order=N` | how many sentences lie between their nearest mentions; which is named first |
| `rival`, `crowd=N` | a sentence that names the target names the subject of the paper too, which is not the source; how many others of the source's type the evidence names |

Where a sentence names both, of the two mentions that stand closest (a list that one stands in counts as one mention):

| feature | says |
| --- | --- |
| `together\\|roles`, `ab`, `ba`, `titled=…` | that it is so, and their order; whether the first stands in the title |
| `gap=N`, `nodes=N`, `gapnodes=NN` | how many words (in twos) and mentions stand between; both, coarser |
| `lists=…` | which of both stand in a list |
| `is=…` | all words between, where they are four at most |
| `b=W`, `b1=W`, `b-1=W W` | each of the first twelve words between, the first, the last two |
| `l=W`, `r=W`, `s=W` | each of the four words before, of the three after, of the first thirty of both |

Where no sentence names both, of the first four mentions of the target outside guarded stretches:

| feature | says |
| --- | --- |
| `apart\\|roles` | that it is so |
| `al=W`, `ar=W`, `as=W`, `ap=W W` | each of the five words before, of the three after, of the first three of the sentence; the two before |

Where an encoder read the paper, of its logits (in halves):

| feature | says |
| --- | --- |
| `enc=N`, `enc=N\\|…` | of this relation; with whether a sentence names both, the roles, `in` |
| `out=N`, `in=N` | how many relations of this type it finds likelier that begin at the source, or end at the target |
| `back=N`, `ahead=N`, `other=N` | of the reverse, and the difference; of the other type between two methods |
"""  # noqa: E501  # rows of a table cannot be broken

from __future__ import annotations

from kgraph.extract.mentions import Page, Place
from kgraph.extract.pairs import Node, Pair, Scene
from kgraph.extract.words import lower_tokens
from kgraph.schema import BASED_ON, COMPARED_WITH, METHOD, RELATION_TYPES


def pair_features(kind: str, pair: Pair, scene: Scene) -> list[str]:
    """What tells whether a relation of a type holds between two entities."""
    source, target = pair.source, pair.target
    roles = f"{_role(source)}>{_role(target)}"
    return [
        *_own_features(pair, scene, roles),
        *(f"{feature}|{roles}" for feature in _place_features(pair, scene)),
        *_name_features(source, target),
        *([f"apart|{roles}"] if pair.closest is None else [f"together|{roles}"]),
        *(_apart_features(target, scene.page) if pair.closest is None else _together_features(*pair.closest, scene)),
        *_encoder_features(kind, pair, scene, roles),
    ]


def _own_features(pair: Pair, scene: Scene, roles: str) -> list[str]:
    source, target = pair.source, pair.target
    titles = _title(source) + _title(target)
    return [
        "bias", f"roles={roles}", f"titles={titles}", f"roles={roles}|{titles}", f"shared={min(pair.shared, 3)}",
        f"hs={source.head}", f"ht={target.head}", f"ks={min(len(source.places), 4)}",
        f"kt={min(len(target.places), 4)}", f"peers={min(target.peers, 8)}", f"rank={min(target.rank, 5)}|{titles}",
        f"at={10 * pair.evidence // len(scene.page.sentences)}",
    ]  # fmt: skip


def _place_features(pair: Pair, scene: Scene) -> list[str]:
    """Where both stand among the entities of their paper."""
    source, target = pair.source, pair.target
    first, second = source.free_places, target.free_places
    away = min(abs(a - b) for a in {place.sent for place in first} for b in {place.sent for place in second})
    order = (first[0].start > second[0].start) - (first[0].start < second[0].start)
    return [
        f"at={10 * pair.evidence // len(scene.page.sentences)}", f"proposals={min(scene.proposals, 4)}",
        f"speers={min(source.peers, 8)}", f"srank={min(source.rank, 5)}", f"trank={min(target.rank, 5)}",
        f"away={min(away, 5)}", f"order={order}", *_company_features(pair, scene),
    ]  # fmt: skip


def _company_features(pair: Pair, scene: Scene) -> list[str]:
    source, sentences = pair.source, {place.sent for place in pair.target.free_places}
    others = [node for node in scene.nodes if node is not source and node.label == source.label]
    rival = any(node.is_subject and not node.sentences.isdisjoint(sentences) for node in others)
    crowd = sum(pair.evidence in node.sentences for node in others)
    return [*(["rival"] if rival else []), f"crowd={min(crowd, 4)}"]


def _encoder_features(kind: str, pair: Pair, scene: Scene, roles: str) -> list[str]:
    if scene.judged is None:
        return []
    at, i, j = RELATION_TYPES.index(kind), pair.source.number, pair.target.number
    halves = scene.judged.halves
    own, out, into = halves[i][j][at], scene.judged.likelier_out[i][j][at], scene.judged.likelier_in[i][j][at]
    features = [
        f"enc={own}", f"enc={own}|{pair.closest is None}", f"enc={own // 2}|{roles}",
        f"out={min(out, 4)}", f"in={min(into, 4)}", f"enc={own // 2}|in={min(into, 2)}",
    ]  # fmt: skip
    if pair.source.label == pair.target.label:
        features += [f"back={halves[j][i][at]}", f"ahead={scene.judged.ahead[i][j][at]}"]
    if pair.source.label == pair.target.label == METHOD:
        other = RELATION_TYPES.index(BASED_ON if kind == COMPARED_WITH else COMPARED_WITH)
        features.append(f"other={halves[i][j][other]}")
    return features


def _role(node: Node) -> str:
    return node.role[0] + ("!" if node.is_subject else "")


def _title(node: Node) -> str:
    return "t" if node.is_titled else "-"


def _name_features(source: Node, target: Node) -> list[str]:
    words = [*(f"ws={word}" for word in sorted(source.keys)), *(f"wt={word}" for word in sorted(target.keys))]
    if source.keys.isdisjoint(target.keys):
        return words
    wider = "<" if target.keys < source.keys else ">" if source.keys < target.keys else ""
    return [*words, "overlap" + wider, *(["samehead"] if source.head == target.head else [])]


def _together_features(a: Place, b: Place, scene: Scene) -> list[str]:
    order = "ab" if a.start <= b.start else "ba"
    first, second = (a, b) if order == "ab" else (b, a)
    head, tail = _whole_lists(first, second, scene)
    between = lower_tokens(scene.page.text[head.end : tail.start])
    before, after = lower_tokens(scene.page.before(head)), lower_tokens(scene.page.after(tail))
    others = sum(head.end <= place.start and place.end <= tail.start for place in scene.places[a.sent])
    return [
        order, f"gap={order}{min(len(between), 20) // 2}", f"nodes={order}{min(others, 4)}",
        f"gapnodes={order}{min(len(between), 12) // 3}{min(others, 3)}", f"titled={scene.page.in_title(first)}",
        f"lists={order}{first in scene.lists}{second in scene.lists}",
        *([f"is={order} {' '.join(between)}"] if len(between) <= 4 else []),
        *_each(f"b={order}", between[:12]), *_each(f"l={order}", before[-4:]), *_each(f"r={order}", after[:3]),
        f"b1={order} {' '.join(between[:1])}", f"b-1={order} {' '.join(between[-2:])}",
        *dict.fromkeys([f"s={word}" for word in (*before, *after)[:30]]),
    ]  # fmt: skip


def _whole_lists(first: Place, second: Place, scene: Scene) -> tuple[Place, Place]:
    """The lists that two mentions stand in, each as one: what holds for a member of a list holds for all."""
    one, other = scene.lists.get(first, [first]), scene.lists.get(second, [second])
    return first._replace(start=one[0].start, end=one[-1].end), second._replace(start=other[0].start, end=other[-1].end)


def _each(name: str, words: tuple[str, ...]) -> list[str]:
    return [f"{name} {word}" for word in dict.fromkeys(words)]


def _apart_features(target: Node, page: Page) -> list[str]:
    return sorted({feature for place in target.free_places[:4] for feature in _target_features(place, page)})


def _target_features(place: Place, page: Page) -> list[str]:
    before, after = lower_tokens(page.before(place)), lower_tokens(page.after(place))
    return [
        *(f"al={word}" for word in before[-5:]),
        *(f"ar={word}" for word in after[:3]),
        *(f"as={word}" for word in before[:3]),
        f"ap={' '.join(before[-2:])}",
    ]
