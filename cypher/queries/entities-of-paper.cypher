// Which methods, datasets and tasks does a paper name, in which role and sentence?
// $paper: str          the id of the paper
// $limit: int = 100    rows at most
// Edge: $paper role id
// Example: kgraph query entities-of-paper -p paper=sample-020
MATCH (:Paper {id: $paper})-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
RETURN e.id AS id, e.kind AS kind, e.name AS name, type(r) AS role, r.score AS score, r.sentence AS sentence
ORDER BY kind, score DESC, id
LIMIT $limit
