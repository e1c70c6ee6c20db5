// Which relations lead from an entity to others? Most papers first.
// $entity: Entity               the method, dataset or task
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 50              rows at most
// Edge: $entity relation id
// Example: kgraph query relations-from -p entity=transformer
MATCH (:Method|Dataset|Task {id: $entity})-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(o:Method|Dataset|Task)
WHERE o.id <> $entity
WITH type(r) AS relation, o, r.paper_id AS paper, max(r.score) AS score
WITH relation, o, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN relation, o.id AS id, o.kind AS kind, o.name AS name, papers, confidence
ORDER BY papers DESC, confidence DESC, relation, id
LIMIT $limit
