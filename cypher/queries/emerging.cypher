// Which methods, datasets or tasks are mostly spoken of since a year? Largest share of their papers first.
// $since: year             the year that counts as recent, and all after it
// $type: Label = Method    Method, Dataset or Task
// $least: int = 3          recent papers of a row, at least
// $limit: int = 20         rows at most
// Example: kgraph query emerging -p since=2024 -p least=2
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type AND p.year IS NOT NULL
WITH e, p.year AS year, count(*) AS papers
WITH e, sum(CASE WHEN year >= $since THEN papers ELSE 0 END) AS recent, sum(papers) AS papers, min(year) AS first_year
WHERE recent >= $least
RETURN e.id AS id, e.name AS name, recent, papers, 1.0 * recent / papers AS share, first_year
ORDER BY share DESC, recent DESC, id
LIMIT $limit
