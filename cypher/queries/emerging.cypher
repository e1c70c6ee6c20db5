// Which methods, datasets or tasks are mostly spoken of since a year? Largest share of their papers first.
// $since: year             the year that counts as recent, and all after it
// $type: Label = Method    Method, Dataset or Task
// $least: int = 3          recent papers of a row, at least
// $limit: int = 20         rows at most
// Example: kgraph query emerging -p since=2024 -p least=2
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type AND p.year IS NOT NULL
WITH e, count(CASE WHEN p.year >= $since THEN 1 END) AS recent, count(*) AS papers, min(p.year) AS first_year
WHERE recent >= $least
RETURN e.id AS id, e.name AS name, recent, papers, 1.0 * recent / papers AS share, first_year
ORDER BY share DESC, recent DESC, id
LIMIT $limit
