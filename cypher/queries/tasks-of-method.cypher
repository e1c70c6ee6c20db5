// Which tasks is a method used for? Most papers first.
// $method: Method     the method
// $limit: int = 20    rows at most
MATCH (m:Method {id: $method})-[r:USED_FOR]->(t:Task)
RETURN t.id AS id, t.name AS task, count(DISTINCT r.paper_id) AS papers, max(r.score) AS score,
       min(r.year) AS first_year, max(r.year) AS last_year
ORDER BY papers DESC, score DESC, id
LIMIT $limit
