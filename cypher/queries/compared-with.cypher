// Which methods is a method compared with? Most papers first.
// $method: Method     the method
// $limit: int = 20    rows at most
MATCH (m:Method {id: $method})-[r:COMPARED_WITH]-(o:Method)
WHERE o.id <> $method
RETURN o.id AS id, o.name AS method, count(DISTINCT r.paper_id) AS papers, max(r.score) AS score
ORDER BY papers DESC, score DESC, id
LIMIT $limit
