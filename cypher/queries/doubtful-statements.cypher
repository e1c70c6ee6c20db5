// Which relations between entities are stated with a low score? Lowest first.
// $max_score: float = 0.4    score of a statement, at most
// $limit: int = 20           rows at most
// Edge: source type target
// Example: kgraph query doubtful-statements -p max_score=0.5
MATCH (a:Method|Dataset|Task)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b:Method|Dataset|Task)
WHERE r.score <= $max_score
WITH a, r, b, r.score AS score, r.id AS id
ORDER BY score, id
LIMIT $limit
RETURN a.id AS source, a.name AS source_name, type(r) AS type, b.id AS target, b.name AS target_name, score, r.paper_id AS paper, r.sentence AS sentence, id
ORDER BY score, id
