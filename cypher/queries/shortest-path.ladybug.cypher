// What is the shortest chain of relations between two entities, in any direction? One row for each relation of each step.
// Of several shortest chains, the one whose ids come first in the alphabet; six steps at most.
// $entity: Entity     the method, dataset or task
// $other: Entity      another one
// $limit: int = 50    rows at most
// Edge: source type target
// Example: kgraph query shortest-path -p entity=SeedDETR -p other=transformer
MATCH (a:Method|Dataset|Task {id: $entity})-[way:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF* ALL SHORTEST 1..6 (r, n | WHERE true | {}, {n.id})]-(b:Method|Dataset|Task {id: $other})
WHERE a.id <> b.id
WITH min(list_to_string('|', list_concat([$entity], list_append(properties(nodes(way), 'id'), $other)))) AS chain
WITH split(chain, '|') AS ids
UNWIND range(1, size(ids) - 1) AS step
WITH step, ids[step] AS one, ids[step + 1] AS two
UNWIND [0, 1] AS turn
WITH step, CASE turn WHEN 0 THEN one ELSE two END AS source, CASE turn WHEN 0 THEN two ELSE one END AS target
MATCH (a:Method|Dataset|Task {id: source})
OPTIONAL MATCH (a)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b:Method|Dataset|Task)
WITH step, target, a, r, b
WHERE b.id = target
RETURN step, a.id AS source, a.name AS source_name, type(r) AS type, b.id AS target, b.name AS target_name, count(DISTINCT r.paper_id) AS papers
ORDER BY step, papers DESC, type, source
LIMIT $limit
