"""The components put together as one spaCy pipeline.

In: nothing, or a pipeline of the user's with a trained recogniser. Out: a pipeline whose docs have
`doc._.abbreviations`, `doc._.paper_entities` and `doc._.paper_relations`, and a fingerprint of it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from kgraph.errors import UsageError
from kgraph.schema import ENTITY_LABELS

if TYPE_CHECKING:
    from spacy.language import Language

Pipeline: TypeAlias = "Language"
"""What runs the components; a name for those who hand one on without knowing spaCy."""
COMPONENTS: Final = (
    "kgraph_sentences",
    "kgraph_abbreviations",
    "kgraph_terms",
    "kgraph_guard",
    "kgraph_entities",
    "kgraph_relations",
)
FINDERS: Final = {"fast": "kgraph_terms", "accurate": "kgraph_encoder"}
"""The component that finds the terms, for each pipeline that ships."""
DEFAULT: Final = "accurate"


def load_pipeline(model: str | Path | None = None) -> Language:
    """Load the extraction pipeline.

    `model` is "accurate" (the default) or "fast", which ship, or the name or the folder of a spaCy pipeline whose
    `doc.ents` are labelled Method, Dataset and Task; those are its terms, and the components that it lacks are added (a
    pipeline that was made here and saved lacks none). Raises UsageError where it cannot be loaded, or where its
    recognisers have other labels.
    """
    import spacy

    if model is None or model in FINDERS:
        return _complete(spacy.blank("en"), FINDERS[str(model or DEFAULT)])
    try:
        nlp = spacy.load(model)
    except (OSError, ImportError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"cannot load the spaCy pipeline {str(model)!r}: {reason}") from error
    finder = next((made_by for made_by in nlp.pipe_factories.values() if made_by in FINDERS.values()), "kgraph_ents")
    if finder == "kgraph_ents":
        _check_labels(nlp, str(model))
    return _complete(nlp, finder)


def _complete(nlp: Language, finder: str) -> Language:
    """Add the components that a pipeline lacks, each before those that need it."""
    components = [finder if name == "kgraph_terms" else name for name in COMPONENTS]
    for i, factory in enumerate(components):
        present = {made_by: name for name, made_by in nlp.pipe_factories.items()}
        if factory not in present:
            nlp.add_pipe(factory, before=next((present[late] for late in components[i:] if late in present), None))
    return nlp


def _check_labels(nlp: Language, model: str) -> None:
    labels = [
        label
        for name in nlp.pipe_names
        if "doc.ents" in nlp.get_pipe_meta(name).assigns
        for label in nlp.pipe_labels.get(name, [])
    ]
    if labels and set(labels).isdisjoint(ENTITY_LABELS):
        raise UsageError(
            f"the spaCy pipeline {model!r} labels {', '.join(labels[:5])}; it takes {', '.join(ENTITY_LABELS)}"
        )


def pipeline_version(nlp: Language) -> str:
    """A fingerprint: changed code, data, components, settings or weights give another one."""
    from kgraph.extract.linear import WEIGHTS

    digest = hashlib.sha256()
    for path in sorted([*Path(__file__).parent.glob("*.py"), *WEIGHTS.iterdir()]):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update(f"{nlp.lang} {nlp.meta['name']} {nlp.meta['version']} {nlp.config['components']}".encode())
    for name, pipe in nlp.pipeline:
        digest.update(name.encode())
        if hasattr(pipe, "to_bytes"):
            digest.update(pipe.to_bytes(exclude=["vocab"]))
    return digest.hexdigest()[:16]
