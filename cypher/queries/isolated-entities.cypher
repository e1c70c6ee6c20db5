// Which methods, datasets and tasks stand in no relation to another? Most papers first.
// $limit: int = 20    rows at most
// Example: kgraph query isolated-entities
MATCH (e:Method|Dataset|Task)
WHERE NOT EXISTS { MATCH (e)-[:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]-(:Method|Dataset|Task) }
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e)
WITH e, count(r.id) AS papers
RETURN e.id AS id, e.kind AS kind, e.name AS name, papers
ORDER BY papers DESC, id
LIMIT $limit
