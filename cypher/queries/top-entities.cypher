// Which methods, datasets or tasks do most papers speak of?
// $type: Label = Method    Method, Dataset or Task
// $limit: int = 20         rows at most
// Example: kgraph query top-entities -p type=task
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type
WITH e, count(*) AS papers, min(p.year) AS first_year, max(p.year) AS last_year
RETURN e.id AS id, e.name AS name, papers, first_year, last_year
ORDER BY papers DESC, id
LIMIT $limit
