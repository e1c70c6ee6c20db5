// Which relations does a paper state, in which sentences?
// $paper: str          the id of the paper
// $limit: int = 100    rows at most
// Edge: source type target
// Example: kgraph query relations-of-paper -p paper=sample-020
MATCH (:Paper {id: $paper})-[:PROPOSES|USES|COMPARES|MENTIONS]->(a:Method|Dataset|Task)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b:Method|Dataset|Task)
WHERE r.paper_id = $paper
RETURN a.id AS source, a.name AS source_name, type(r) AS type, b.id AS target, b.name AS target_name, r.score AS score, r.sentence AS sentence, r.id AS id
ORDER BY score DESC, id
LIMIT $limit
