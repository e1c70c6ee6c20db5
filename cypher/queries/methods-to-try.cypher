// Which methods were never used for a task, but for most of the 50 tasks most similar to it? Most such tasks first.
// Similar are those that share most methods with it, of its 200 best supported ones.
// $task: Task         the task
// $limit: int = 20    rows at most
// Edge: id UNTRIED_FOR $task
// Example: kgraph query methods-to-try -p task="object detection"
MATCH (:Task {id: $task})<-[:USED_FOR]-(x:Method)
WITH x, x.id AS node, count(*) AS statements
ORDER BY statements DESC, node
LIMIT 200
OPTIONAL MATCH (x)-[:USED_FOR]->(o:Task)
WITH o, o.id AS similar, CASE WHEN o.id = $task THEN 0 ELSE 1 END AS is_other, count(DISTINCT node) AS shared
ORDER BY is_other, shared DESC, similar
LIMIT 51
OPTIONAL MATCH (o)<-[:USED_FOR]-(m:Method)
WITH m.id AS id, m.name AS method, is_other, similar, count(*) AS statements
WITH id, method, min(is_other) AS is_untried, count(*) AS tasks
WHERE is_untried = 1 AND id IS NOT NULL
RETURN id, method, tasks
ORDER BY tasks DESC, id
LIMIT $limit
