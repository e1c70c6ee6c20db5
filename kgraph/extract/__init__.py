"""Step 2: papers in, extractions out. The only place that knows spaCy.

    sentences -> abbreviations -> terms -> guard -> entities -> relations

Each arrow is a spaCy component that any pipeline can add by name (`nlp.add_pipe("kgraph_terms")`). A trained
recogniser of methods, datasets and tasks can take the place of `kgraph_terms`: see `load_pipeline`.
"""

from __future__ import annotations

from kgraph.extract.pipeline import load_pipeline, pipeline_version
from kgraph.extract.rows import extraction_row
from kgraph.extract.run import extract_papers

__all__ = ["extract_papers", "extraction_row", "load_pipeline", "pipeline_version"]
