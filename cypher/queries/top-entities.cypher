// Which methods, datasets or tasks do most papers speak of?
// $type: Label = Method    Method, Dataset or Task
// $limit: int = 20         rows at most
// Example: kgraph query top-entities -p type=task
MATCH (p:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type
RETURN e.id AS id, e.name AS name, count(DISTINCT p.id) AS papers, min(r.year) AS first_year, max(r.year) AS last_year
ORDER BY papers DESC, id
LIMIT $limit
