"""`kgraph_relations`: typed relations between the entities of a paper, each with the sentence that states it.

A pair is a candidate where a sentence names both, or where a sentence (or the title) names the target and the source is
what the paper proposes: "we", "our method" and "it" then stand for the source. A logistic regression over named
features, one for each type, gives the probability that the relation holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract import guard
from kgraph.extract.linear import LinearModel, load_models
from kgraph.extract.mentions import Page, read_page
from kgraph.extract.words import find_words
from kgraph.schema import DATASET, METHOD, RELATION_ENDS, Evidence, PaperRelation

COMPONENT = "kgraph_relations"
_OURS = re.compile(
    r"\b(?:we|our|ours|it|its|(?:this|the|these|proposed|resulting|new|novel) (?:\w+ )?"
    r"(?:method|model|approach|framework|algorithm|system|architecture|technique|strategy|pipeline|module|network|"
    r"dataset|benchmark|corpus|paper|work|study|results?|experiments?|evaluations?))\b|\b(?:experiments?|results|evaluations?)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\w[\w'-]*|[^\w\s]")
Span = tuple[int, int, int, str]  # start, end, sentence, guarded


@dataclass(slots=True)
class Node:
    """An entity as the pairs see it."""

    label: str
    name: str
    role: str
    role_score: float
    score: float
    spans: list[Span]
    head: str
    keys: frozenset[str]
    subject: bool = False
    """Whether "we", "our method" and "it" stand for it."""

    def free(self) -> list[Span]:
        """The mentions outside guarded stretches."""
        return [span for span in self.spans if not span[3]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities, and the closest two mentions in one sentence (None where no sentence has both)."""

    source: Node
    target: Node
    closest: tuple[Span, Span] | None
    shared: int


def read_nodes(rows: list[dict[str, Any]]) -> list[Node]:
    """The entities of a doc; the likeliest proposed method and the likeliest proposed dataset are its subjects."""
    nodes = []
    for row in rows:
        words = [word.key for word in find_words(row["name"])]
        spans = [(start, end, sent, guarded) for start, end, sent, guarded in row["mentions"]]
        nodes.append(
            Node(
                row["label"],
                row["name"],
                row["role"],
                row["role_score"],
                row["score"],
                spans,
                words[-1],
                frozenset(words),
            )
        )
    for label in (METHOD, DATASET):
        proposed = [node for node in nodes if node.label == label and node.role == "proposed"]
        if proposed:
            max(proposed, key=lambda node: (node.role_score, len(node.spans))).subject = True
    return nodes


def make_pair(source: Node, target: Node, contrast: bool) -> Pair:
    """Look for the sentences that both are named in; `contrast` lets mentions in a CONTRAST count too."""
    allowed = {"", guard.CONTRAST} if contrast else {""}
    left = [span for span in source.spans if span[3] in allowed]
    right = [span for span in target.spans if span[3] in allowed]
    both = [(a, b) for a in left for b in right if a[2] == b[2]]
    closest = min(both, key=lambda pair: (_gap(*pair), pair[0][0]), default=None)
    return Pair(source, target, closest, len({a[2] for a, _ in both}))


def _gap(a: Span, b: Span) -> int:
    return max(a[0], b[0]) - min(a[1], b[1])


def implicit_place(pair: Pair, page: Page) -> Span | None:
    """The mention of the target in a sentence where "we", "our", "it" or the title stands for the source."""
    if not pair.source.subject and pair.source.role != "proposed":
        return None
    for span in pair.target.free():
        if span[1] <= page.title_end or _OURS.search(page.sentence(span[2])):
            return span
    return None


def find_pairs(nodes: list[Node], page: Page) -> Iterator[tuple[str, Pair, int]]:
    """Yield type, pair and the number of the evidence sentence of all candidates."""
    for kind, (source_label, target_label) in RELATION_ENDS.items():
        contrast = kind == "COMPARED_WITH"
        for source in nodes:
            if source.label != source_label:
                continue
            for target in nodes:
                if target.label == target_label and target is not source:
                    pair = make_pair(source, target, contrast)
                    if pair.closest is not None:
                        yield kind, pair, pair.closest[0][2]
                    elif (place := implicit_place(pair, page)) is not None:
                        yield kind, pair, place[2]


def pair_features(pair: Pair, page: Page, nodes: list[Node]) -> list[str]:
    """What tells whether a relation holds between two entities."""
    source, target = pair.source, pair.target
    roles = f"{source.role[0]}{'!' if source.subject else ''}>{target.role[0]}{'!' if target.subject else ''}"
    titles = "".join("t" if any(e <= page.title_end for _, e, *_ in node.spans) else "-" for node in (source, target))
    features = [
        "bias", f"roles={roles}", f"titles={titles}", f"roles={roles}|{titles}", f"shared={min(pair.shared, 3)}",
        f"hs={source.head}", f"ht={target.head}", f"ks={min(len(source.spans), 4)}", f"kt={min(len(target.spans), 4)}",
        f"peers={min(sum(n.label == target.label for n in nodes), 8)}",
        f"rank={min([n for n in nodes if n.label == target.label].index(target), 5)}|{titles}",
    ]  # fmt: skip
    if source.keys & target.keys:
        features.append("overlap" + ("<" if target.keys < source.keys else ">" if source.keys < target.keys else ""))
        if source.head == target.head:
            features.append("samehead")
    if pair.closest is None:
        features += [f"apart|{roles}", *_apart_features(pair, page)]
    else:
        features += [f"together|{roles}", *_together_features(pair.closest, page, nodes)]
    return features


def _words(text: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(text)]


def _together_features(closest: tuple[Span, Span], page: Page, nodes: list[Node]) -> list[str]:
    a, b = closest
    order = "ab" if a[0] <= b[0] else "ba"
    first, second = (a, b) if order == "ab" else (b, a)
    start, end = page.sentences[a[2]]
    between = _words(page.text[first[1] : second[0]])
    between_nodes = sum(first[1] <= s[0] and s[1] <= second[0] for node in nodes for s in node.spans if s[2] == a[2])
    before, after = _words(page.text[start : first[0]]), _words(page.text[second[1] : end])
    features = [
        order, f"gap={order}{min(len(between), 20) // 2}", f"nodes={order}{min(between_nodes, 4)}",
        f"gapnodes={order}{min(len(between), 12) // 3}{min(between_nodes, 3)}",
        f"titled={first[1] <= page.title_end}",
    ]  # fmt: skip
    if len(between) <= 4:
        features.append(f"is={order} {' '.join(between)}")
    features += dict.fromkeys(f"b={order} {word}" for word in between[:12])
    features += dict.fromkeys(f"l={order} {word}" for word in before[-4:])
    features += dict.fromkeys(f"r={order} {word}" for word in after[:3])
    features += [f"b1={order} {' '.join(between[:1])}", f"b-1={order} {' '.join(between[-2:])}"]
    features += dict.fromkeys(f"s={word}" for word in (*before, *after)[:30])
    return features


def _apart_features(pair: Pair, page: Page) -> list[str]:
    features: set[str] = set()
    for span in pair.target.free()[:4]:
        start, end = page.sentences[span[2]]
        before, after = _words(page.text[start : span[0]]), _words(page.text[span[1] : end])
        features |= {f"al={word}" for word in before[-5:]} | {f"ar={word}" for word in after[:3]}
        features |= {f"as={word}" for word in before[:3]}
        features.add(f"ap={' '.join(before[-2:])}")
    nearest = min((abs(a[2] - b[2]) for a in pair.source.spans for b in pair.target.spans), default=9)
    return [f"away={min(nearest, 4)}", *sorted(features)]


def find_relations(
    rows: list[dict[str, Any]], page: Page, models: dict[str, LinearModel], thresholds: dict[str, float]
) -> list[dict[str, Any]]:
    """The relations whose probability reaches the threshold of their type."""
    nodes = read_nodes(rows)
    pairs: dict[str, list[tuple[Pair, int]]] = defaultdict(list)
    for kind, pair, sent in find_pairs(nodes, page):
        pairs[kind].append((pair, sent))
    found = []
    for kind, members in pairs.items():
        model = models[kind]
        scores = model.probabilities([pair_features(pair, page, nodes) for pair, _ in members])[:, 1].tolist()
        for (pair, sent), score in zip(members, scores, strict=True):
            if score >= thresholds.get(kind, model.threshold):
                found.append(_to_row(kind, pair, score, page.sentences[sent]))
    return _one_way(found)


def _to_row(kind: str, pair: Pair, score: float, evidence: tuple[int, int]) -> dict[str, Any]:
    """A relation as plain values, which spaCy can send between processes."""
    names = {"source": pair.source.name, "target": pair.target.name}
    return {"type": kind, **names, "score": round(score, 4), "evidence": list(evidence)}


def _one_way(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a relation and its reverse, keep the likelier."""
    scores = {(row["type"], row["source"], row["target"]): row["score"] for row in found}
    return [row for row in found if row["score"] > scores.get((row["type"], row["target"], row["source"]), -1.0)]


def to_relation(row: dict[str, Any], text: str) -> PaperRelation:
    """Build the record of a relation from the plain values."""
    start, end = row["evidence"]
    evidence = Evidence(text[start:end], start, end)
    return PaperRelation(row["type"], row["source"], row["target"], row["score"], evidence, COMPONENT)


class RelationFinder:
    """The component: fills `doc._.paper_relations`."""

    def __init__(self, thresholds: dict[str, float] | None = None) -> None:
        """Load the weights; `thresholds` are the least scores by type (by default the fitted ones)."""
        self.models = load_models("relations")
        self.thresholds = thresholds or {}

    def __call__(self, doc: Doc) -> Doc:
        """Find the relations of a doc."""
        rows = doc.user_data.get("kgraph_entities", [])
        doc.user_data["kgraph_relations"] = find_relations(rows, read_page(doc), self.models, self.thresholds)
        return doc


def _relations(doc: Doc) -> list[PaperRelation]:
    text = doc.text
    return [to_relation(row, text) for row in doc.user_data.get("kgraph_relations", ())]


if not Doc.has_extension("paper_relations"):
    Doc.set_extension("paper_relations", getter=_relations)


@Language.factory(
    "kgraph_relations",
    default_config={"thresholds": {}},
    requires=["doc._.paper_entities"],
    assigns=["doc._.paper_relations"],
)
def make_relation_finder(nlp: Language, name: str, thresholds: dict[str, float]) -> RelationFinder:  # noqa: ARG001
    """Make the component; its weights ship with the package."""
    return RelationFinder(thresholds)
