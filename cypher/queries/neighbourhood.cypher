// What surrounds an entity: its best supported neighbours, and the best supported ones of each of them?
// $entity: Entity     the method, dataset or task
// $depth: 1..2 = 2    steps away at most
// $width: int = 10    neighbours of the entity, at most
// $limit: int = 50    rows at most
// Edge: source NEAR target
// Example: kgraph query neighbourhood -p entity=ImageNet
MATCH (e:Method|Dataset|Task {id: $entity})-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]-(a:Method|Dataset|Task)
WHERE a.id <> $entity
WITH e.id AS centre, e.name AS centre_name, a, a.id AS near, count(DISTINCT r.paper_id) AS near_papers
ORDER BY near_papers DESC, near
LIMIT $width
OPTIONAL MATCH (a)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]-(b:Method|Dataset|Task)
WHERE $depth >= 2
WITH centre, centre_name, near, near_papers, a.name AS near_name, b.id AS far, b.name AS far_name, count(DISTINCT r.paper_id) AS far_papers
UNWIND [1, 2] AS distance
WITH DISTINCT distance,
     CASE distance WHEN 1 THEN centre ELSE near END AS source, CASE distance WHEN 1 THEN centre_name ELSE near_name END AS source_name,
     CASE distance WHEN 1 THEN near ELSE far END AS target, CASE distance WHEN 1 THEN near_name ELSE far_name END AS target_name,
     CASE distance WHEN 1 THEN near_papers ELSE far_papers END AS papers
WHERE distance <= $depth AND target <> $entity AND target <> source
RETURN distance, source, source_name, target, target_name, papers
ORDER BY distance, papers DESC, source, target
LIMIT $limit
