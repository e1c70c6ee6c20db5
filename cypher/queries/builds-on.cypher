// What does a method build on, up to three steps away? Nearest first.
// $method: Method     the method
// $limit: int = 20    rows at most
MATCH path = (m:Method {id: $method})-[:BASED_ON*1..3]->(b:Method)
WHERE b.id <> $method
RETURN b.id AS id, b.name AS method, min(length(path)) AS steps
ORDER BY steps, id
LIMIT $limit
