// Which tasks occur in the same papers as a task? Most papers first.
// $task: Task         the task
// $limit: int = 20    rows at most
// Edge: $task OCCURS_WITH id
// Example: kgraph query co-occurring-tasks -p task="object detection"
MATCH (:Task {id: $task})<-[:PROPOSES|USES|COMPARES|MENTIONS]-(p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(o:Task)
WHERE o.id <> $task
RETURN o.id AS id, o.name AS task, count(DISTINCT p.id) AS papers, min(p.year) AS first_year, max(p.year) AS last_year
ORDER BY papers DESC, id
LIMIT $limit
