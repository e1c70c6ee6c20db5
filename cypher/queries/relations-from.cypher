// Which relations lead from an entity to others? Most papers first.
// $entity: Entity     the method, dataset or task
// $limit: int = 50    rows at most
MATCH (e:Method|Dataset|Task {id: $entity})-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(o:Method|Dataset|Task)
WHERE o.id <> $entity
RETURN type(r) AS relation, o.id AS id, o.kind AS kind, o.name AS name, count(DISTINCT r.paper_id) AS papers, max(r.score) AS score
ORDER BY papers DESC, relation, id
LIMIT $limit
