// Which methods share most tasks and datasets with a method?
// Of more than 200 tasks and datasets, the best supported ones are compared.
// $method: Method     the method
// $limit: int = 20    rows at most
// Edge: $method SIMILAR_TO id
// Example: kgraph query similar-methods -p method=transformer
MATCH (:Method {id: $method})-[:USED_FOR|EVALUATED_ON]->(x:Task|Dataset)
WITH x, x.id AS node, count(*) AS statements
ORDER BY statements DESC, node
LIMIT 200
OPTIONAL MATCH (x)<-[:USED_FOR|EVALUATED_ON]-(o:Method)
WITH DISTINCT o.id AS id, o.name AS method, node, x.kind AS kind
WHERE id <> $method
RETURN id, method, count(*) AS shared, count(CASE WHEN kind = 'Task' THEN 1 END) AS tasks, count(CASE WHEN kind = 'Dataset' THEN 1 END) AS datasets
ORDER BY shared DESC, id
LIMIT $limit
