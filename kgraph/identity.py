from kgraph.read.identity import identity_keys, merge_papers
