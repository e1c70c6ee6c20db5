"""Write the shipped pipeline as a folder that `spacy.load` loads: kgraph/extract/model/.

The weights lie in it already.

    python training/write_model.py [ENCODER]

Takes the encoder from .cache/ENCODER (see fit_encoder.py) where it is named, and leaves it as it is otherwise.
"""

from __future__ import annotations

import shutil
import sys

from corpora import CACHE

from kgraph import __version__
from kgraph.extract import load_pipeline
from kgraph.extract.encoded_terms import NAME
from kgraph.extract.linear import MODEL
from kgraph.extract.relations import COMPONENT

FILES = ((NAME, "tokenizer.json"), (NAME, "encoder.onnx"), (COMPONENT, "pairs.onnx"))
META = {
    "name": "kgraph_accurate",
    "description": "Methods, datasets and tasks of paper abstracts, their roles and relations.",
    "author": "the kgraph developers",
    "license": "Apache-2.0 (see NOTICE)",
    "version": __version__,
    "spacy_version": ">=3.8,<3.9",
}


def main() -> None:
    """Copy the encoder, write the rest."""
    if len(sys.argv) > 1:
        for component, name in FILES:
            (MODEL / component).mkdir(exist_ok=True)
            shutil.copy(CACHE / sys.argv[1] / name, MODEL / component / name)
    nlp = load_pipeline("accurate")
    nlp.meta.update(META)
    nlp.to_disk(MODEL)


if __name__ == "__main__":
    main()
