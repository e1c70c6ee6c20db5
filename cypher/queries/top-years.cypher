// Which years have most papers, and how many of them propose something?
// $limit: int = 20    rows at most
// Example: kgraph query top-years
MATCH (p:Paper)
OPTIONAL MATCH (p)-[r:PROPOSES]->(:Method|Dataset|Task)
WITH p.year AS year, p.id AS paper, count(r.id) AS proposed
RETURN year, count(paper) AS papers, count(CASE WHEN proposed > 0 THEN 1 END) AS proposing
ORDER BY papers DESC, year
LIMIT $limit
