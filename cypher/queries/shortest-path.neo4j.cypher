// What is the shortest chain of relations between two entities, in any direction? One row for each relation of each step.
// Of several shortest chains, the one whose ids come first in the alphabet; six steps at most.
// $entity: Entity     the method, dataset or task
// $other: Entity      another one
// $limit: int = 50    rows at most
// Edge: source type target
// Example: kgraph query shortest-path -p entity=SeedDETR -p other=transformer
MATCH (a:Method|Dataset|Task {id: $entity})
MATCH (b:Method|Dataset|Task {id: $other})
WHERE a.id <> b.id
MATCH path = allShortestPaths((a)-[:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF*1..6]-(b))
WITH min(reduce(chain = $entity, node IN tail(nodes(path)) | chain + '|' + node.id)) AS chain
WITH split(chain, '|') AS ids
WHERE ids IS NOT NULL
UNWIND range(1, size(ids) - 1) AS step
WITH step, ids[step - 1] AS one, ids[step] AS two
UNWIND [0, 1] AS turn
WITH step, CASE turn WHEN 0 THEN one ELSE two END AS source, CASE turn WHEN 0 THEN two ELSE one END AS target
MATCH (a:Method|Dataset|Task {id: source})
MATCH (b:Method|Dataset|Task {id: target})
MATCH (a)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b)
RETURN step, a.id AS source, a.name AS source_name, type(r) AS type, b.id AS target, b.name AS target_name, count(DISTINCT r.paper_id) AS papers
ORDER BY step, papers DESC, type, source
LIMIT $limit
