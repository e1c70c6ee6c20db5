"""Step 2: papers in, extractions out. The only place that knows spaCy.

    sentences -> abbreviations -> terms -> guard -> entities -> relations

Each arrow is a spaCy component in the module of its name, which any pipeline can add (`nlp.add_pipe("kgraph_terms")`).
Two pipelines ship, which differ in the terms: those of "fast" are judged by a linear model (`terms`), those of
"accurate", the default, by a transformer encoder too (`encoded_terms`). A trained recogniser of methods, datasets and
tasks can take their place: see `load_pipeline`. All weights lie in `model`, a folder that `spacy.load` loads;
training/ made them.

| component | is made of |
| --- | --- |
| `terms` | `candidates`, their `term_features` (with `ngrams`) and `term_scores`, `intervals` |
| `encoded_terms` | the same and `encoder` |
| `entities` | `mentions`, `groups`, `roles`, `ratings` |
| `relations` | `pairs` (with `lists`), `pair_features`, `encoded_pairs` |
| all | `words`, `spans`, `linear`, `packed_files` |

`pipeline` puts them together, `batch`, `run` and `ray` send papers through, `rows` makes JSON values of what was found;
`given` finds the relations between entities that are given.
"""

from __future__ import annotations

from kgraph.extract.pipeline import load_pipeline, pipeline_version
from kgraph.extract.rows import extraction_row
from kgraph.extract.run import extract_papers

__all__ = ["extract_papers", "extraction_row", "load_pipeline", "pipeline_version"]
