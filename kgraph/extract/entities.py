"""`kgraph_entities`: the mentions of one paper gathered into entities, each with a name and a role."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract import guard
from kgraph.extract.abbreviations import Definition
from kgraph.extract.linear import LinearModel, load_model
from kgraph.extract.mentions import Page, Place, read_page, read_places
from kgraph.extract.words import find_words, normal_form
from kgraph.schema import ENTITY_LABELS, METHOD, ROLES, Evidence, Mention, PaperEntity

# "LoRA framework" and "LoRA" are one thing where both occur.
_GENERIC = re.compile(
    r"(?<=\S)\s+(?:frameworks?|models?|methods?|algorithms?|approach|approaches|systems?|architectures?|networks?|"
    r"datasets?|benchmarks?|corpus|corpora|tasks?|problems?|techniques?|strategy|modules?|pipelines?|toolkit)$",
    re.IGNORECASE,
)
_WE = re.compile(r"\b(?:we|our|ours|this (?:paper|work|study|article|thesis|survey|report))\b", re.IGNORECASE)
_ACRONYM = re.compile(r"([A-Z]{2,6})s?$")
_TOKEN = re.compile(r"\w[\w'-]*|[^\w\s]")


@dataclass(slots=True)
class Group:
    """The places of one entity."""

    places: list[Place]
    label: str
    name: str
    words: list[str]
    """The keys of the words of the name."""
    role: str = ""
    role_scores: dict[str, float] = field(default_factory=dict)
    score: float = 0.0

    def free_places(self) -> list[Place]:
        """The places outside guarded stretches."""
        return [place for place in self.places if not place.guarded]


def undefined_abbreviations(texts: Iterable[str]) -> dict[str, str]:
    """Short forms (as normal forms) that are the initials of just one other name, though the text never says so."""
    longs: dict[str, set[str]] = defaultdict(set)
    surfaces = set(texts)
    for text in surfaces:
        words = re.findall(r"[^\W_]+", text)
        if len(words) > 1:
            longs["".join(word[0] for word in words).upper()].add(normal_form(text))
    acronyms = {text: _ACRONYM.match(text) for text in surfaces}
    letters = {normal_form(text): found[1] for text, found in acronyms.items() if found}
    return {form: next(iter(longs[name])) for form, name in letters.items() if len(longs.get(name, ())) == 1}


def group_places(places: list[Place], abbreviations: Iterable[Definition]) -> list[list[Place]]:
    """Join the mentions of one normal form, of a short and its long form, and those that differ in a generic head."""
    joined = undefined_abbreviations(place.text for place in places)
    joined |= {normal_form(pair.short): normal_form(pair.long) for pair in abbreviations}
    forms = {normal_form(place.text) for place in places}

    def representative(text: str) -> str:
        form = normal_form(text)
        bare = normal_form(_GENERIC.sub("", text))
        if form not in joined and bare != form and (bare in forms or bare in joined):
            form = bare
        return joined.get(form, form)

    groups: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        groups[representative(place.text)].append(place)
    return list(groups.values())


def choose_label(places: list[Place]) -> str:
    """The type with the largest sum of scores."""
    votes: Counter[str] = Counter()
    for place in places:
        votes[place.label] += place.score  # type: ignore[assignment]
    return max(ENTITY_LABELS, key=lambda label: votes[label])


def choose_name(places: list[Place], abbreviations: Iterable[Definition]) -> str:
    """The full name where there is one, else the commonest surface; ties go to the first in the text."""
    shorts = {normal_form(pair.short) for pair in abbreviations}
    counts = Counter(place.text for place in places)
    full = {text: n for text, n in counts.items() if normal_form(text) not in shorts and not _ACRONYM.match(text)}
    full = full or counts
    return max(full, key=lambda text: full[text])


def _unique(groups: list[Group]) -> list[Group]:
    """Drop a group whose name, or whose every surface, another one has already (two types for one surface)."""
    taken: set[str] = set()
    kept = []
    for group in sorted(groups, key=lambda group: (-group.score, group.places[0].start)):
        group.places = [place for place in group.places if place.text not in taken]
        surfaces = {place.text for place in group.places}
        if group.name in surfaces:
            taken |= surfaces
            kept.append(group)
    return sorted(kept, key=lambda group: group.places[0].start)


def make_group(places: list[Place], label: str, abbreviations: Iterable[Definition]) -> Group:
    """Make an entity of mentions, as sure as the surest of them."""
    name = choose_name(places, abbreviations)
    words = [word.key for word in find_words(name)]
    return Group(places, label, name, words, score=max(place.score for place in places))


def build_groups(places: list[Place], abbreviations: list[Definition]) -> list[Group]:
    """Gather mentions into entities (without roles), in the order of the text."""
    groups = []
    for members in group_places(places, abbreviations):
        groups.append(make_group(members, choose_label(members), abbreviations))
    return _unique(groups)


def _logit_bin(probability: float) -> int:
    bounded = min(max(probability, 0.001), 0.999)
    return round(2 * math.log(bounded / (1 - bounded)))


def node_features(group: Group, groups: list[Group], page: Page) -> list[str]:
    """What tells whether an entity deserves a node: its scores, and how it stands among the others of its paper."""
    label, places = group.label, group.places
    forms = {normal_form(place.text) for place in places}
    words = group.words
    best = _logit_bin(group.score)
    features = [
        "bias", f"best={best}", f"best={best}|{label}",
        f"mean={_logit_bin(sum(p.score for p in places) / len(places))}", f"t={label}", f"k={min(len(places), 5)}",
        f"k={min(len(places), 4)}|{label}", f"forms={min(len(forms), 3)}",
        f"size={min(len(words), 5)}|{label}", f"role={group.role}|{label}", f"h={words[-1]}|{label}",
        f"n={min(len(groups), 24) // 3}", f"votes={len({place.label for place in places})}",
        f"rank={min(sum(other.score > group.score for other in groups), 14) // 2}",
        f"peers={min(sum(other.label == label for other in groups), 9)}|{label}",
        f"at={10 * places[0].start // (len(page.text) + 1)}",
    ]  # fmt: skip
    if any(page.in_title(place) for place in places):
        features += ["title", f"title|{label}|{min(len(places), 3)}"]
    if all(place.guarded for place in places):
        features.append("guarded")
    return features + sorted(_rivals(group, groups))


def _rivals(group: Group, groups: list[Group]) -> set[str]:
    """How the name shares words with those of other entities."""
    found = set()
    words, own = group.words, set(group.words)
    for other in groups:
        theirs = other.words
        if other is not group and not own.isdisjoint(theirs):
            same = "=" if other.label == group.label else "~"
            surer = "+" if other.score > group.score else "-"
            if own < set(theirs):
                found |= {f"inside{same}", f"inside{same}{surer}", f"inside{same}{words[-1] == theirs[-1]}"}
            elif set(theirs) < own:
                found |= {f"holds{same}", f"holds{same}{surer}", f"holds{same}{words[-1] == theirs[-1]}"}
            elif words[-1] == theirs[-1]:
                found |= {f"head{same}", f"head{same}{surer}"}
            else:
                found.add(f"word{same}")
    return found


def rate_groups(groups: list[Group], page: Page, model: LinearModel, threshold: float) -> list[Group]:
    """Score each entity by the probability that it deserves a node; drop those below the threshold."""
    probabilities = model.probabilities([node_features(group, groups, page) for group in groups]).tolist()
    for group, (_, score) in zip(groups, probabilities, strict=True):
        group.score = score
    return [group for group in groups if group.score >= threshold]


def role_features(group: Group, page: Page) -> list[str]:
    """What the role of an entity is told from."""
    label, places = group.label, group.places
    titled = [place for place in places if page.in_title(place)]
    features = [
        "bias",
        f"t={label}",
        f"k={min(len(places), 4)}|{label}",
        f"at={10 * places[0].start // (len(page.text) + 1)}",
    ]
    if titled:
        features += ["title", f"title|{label}"]
        first = min(titled, key=lambda place: place.start)
        after = page.text[first.end : first.end + 1]
        if first.start == 0:
            features.append(f"title^{after if after in ':' else ''}|{label}")
    if any(c.isupper() for c in group.name[1:]):
        features.append(f"capital|{label}")
    seen: set[str] = set()
    for place in places:
        seen |= set(_place_features(place, page, label))
    if all(place.guarded for place in places):
        features.append(f"guarded={places[0].guarded}")
    return features + sorted(seen)


def _place_features(place: Place, page: Page, label: str) -> Iterator[str]:
    start, end = page.sentences[place.sent]
    before = [w.lower() for w in _TOKEN.findall(page.text[start : place.start])]
    after = [w.lower() for w in _TOKEN.findall(page.text[place.end : end])[:3]]
    for word in before[-6:]:
        yield f"l={word}"
    yield f"p={' '.join(before[-1:])}|{label}"
    yield f"pp={' '.join(before[-2:])}"
    yield f"n={' '.join(after[:1])}|{label}"
    yield f"nn={' '.join(after[:2])}"
    for word in before[:3]:
        yield f"s={word}"
    if "we" in before:
        verb = before[len(before) - before[::-1].index("we") :][:2]
        for word in verb:
            yield f"we={word}|{label}|{min(len(before) - before.index('we'), 9) // 3}"
    if page.in_title(place):
        yield f"titlep={' '.join(before[-1:])}|{label}"


def assign_roles(groups: list[Group], page: Page, model: LinearModel) -> None:
    """Give each entity the likeliest role; what stands only in guarded stretches is neither proposed nor used."""
    probabilities = model.probabilities([role_features(group, page) for group in groups]).tolist()
    for group, row in zip(groups, probabilities, strict=True):
        scores = dict(zip(model.classes, row, strict=True))
        if not group.free_places():
            contrast = group.label == METHOD and any(place.guarded == guard.CONTRAST for place in group.places)
            scores = {"compared" if contrast else "mentioned": 1.0}
        group.role_scores = scores
        group.role = max(ROLES, key=lambda role: scores.get(role, 0.0))


def best_place(group: Group, page: Page) -> Place:
    """The mention whose sentence is the evidence of the role: outside the title and guarded stretches, if it can be."""
    proposing = group.role == "proposed"

    def rank(place: Place) -> tuple[bool, bool, bool, int]:
        says = bool(_WE.search(page.sentence(place.sent)))
        return bool(place.guarded), page.in_title(place), proposing and not says, place.start

    return min(group.places, key=rank)


def to_row(group: Group, page: Page, component: str) -> dict[str, Any]:
    """An entity as plain values, which spaCy can send between processes."""
    place = best_place(group, page)
    return {
        "label": group.label,
        "name": group.name,
        "role": group.role,
        "score": round(min(1.0, group.score), 4),
        "role_score": round(group.role_scores.get(group.role, 1.0), 4),
        "component": component,
        "evidence": list(page.sentences[place.sent]),
        "mentions": [[p.start, p.end, p.sent, p.guarded] for p in group.places],
    }


def to_entity(row: dict[str, Any], text: str) -> PaperEntity:
    """Build the record of an entity from the plain values."""
    mentions = tuple(Mention(text[start:end], start, end) for start, end, *_ in row["mentions"])
    start, end = row["evidence"]
    surfaces = tuple(sorted({mention.text for mention in mentions}, key=lambda s: (s != row["name"], s)))
    evidence, component = Evidence(text[start:end], start, end), row["component"]
    return PaperEntity(row["label"], row["name"], surfaces, row["role"], row["score"], evidence, mentions, component)


class EntityMaker:
    """The component: fills `doc._.paper_entities`."""

    def __init__(self, rescore: bool = True, threshold: float | None = None) -> None:
        """Load the weights; without `rescore` an entity keeps the best score of its spans, and all are kept."""
        self.roles = load_model("roles")
        self.nodes = load_model("nodes")
        self.rescore = rescore
        self.component = "kgraph_terms" if rescore else "kgraph_ents"
        self.threshold = self.nodes.threshold if threshold is None else threshold

    def __call__(self, doc: Doc) -> Doc:
        """Gather the mentions of a doc."""
        page = read_page(doc)
        abbreviations = doc._.abbreviations
        groups = build_groups(read_places(doc, page), abbreviations)
        assign_roles(groups, page, self.roles)
        if self.rescore:
            groups = rate_groups(groups, page, self.nodes, self.threshold)
        doc.user_data["kgraph_entities"] = [to_row(group, page, self.component) for group in groups]
        return doc


def _entities(doc: Doc) -> list[PaperEntity]:
    text = doc.text
    return [to_entity(row, text) for row in doc.user_data.get("kgraph_entities", ())]


if not Doc.has_extension("paper_entities"):
    Doc.set_extension("paper_entities", getter=_entities)


@Language.factory(
    "kgraph_entities",
    default_config={"rescore": True, "threshold": None},
    requires=["doc.sents", "doc.spans"],
    assigns=["doc._.paper_entities"],
)
def make_entity_maker(nlp: Language, name: str, rescore: bool, threshold: float | None) -> EntityMaker:  # noqa: ARG001
    """Make the component; its weights ship with the package, fitted on the scores of `kgraph_terms`."""
    return EntityMaker(rescore, threshold)
