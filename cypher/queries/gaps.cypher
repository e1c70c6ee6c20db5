// Which tasks was a method never used for that the 50 methods most similar to it are used for? Most such methods first.
// Similar are those that share most tasks and datasets with it, of its 200 best supported ones.
// $method: Method     the method
// $limit: int = 20    rows at most
// Edge: $method UNTRIED_FOR id
// Example: kgraph query gaps -p method=transformer
MATCH (:Method {id: $method})-[:USED_FOR|EVALUATED_ON]->(x:Task|Dataset)
WITH x, x.id AS node, count(*) AS statements
ORDER BY statements DESC, node
LIMIT 200
OPTIONAL MATCH (x)<-[:USED_FOR|EVALUATED_ON]-(o:Method)
WITH o, o.id AS similar, CASE WHEN o.id = $method THEN 0 ELSE 1 END AS is_other, count(DISTINCT node) AS shared
ORDER BY is_other, shared DESC, similar
LIMIT 51
OPTIONAL MATCH (o)-[:USED_FOR]->(t:Task)
WITH t.id AS id, t.name AS task, is_other, similar, count(*) AS statements
WITH id, task, min(is_other) AS is_untried, count(*) AS methods
WHERE is_untried = 1 AND id IS NOT NULL
RETURN id, task, methods
ORDER BY methods DESC, id
LIMIT $limit
