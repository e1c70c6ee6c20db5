// On which datasets were most methods evaluated?
// $limit: int = 20    rows at most
// Example: kgraph query top-datasets
MATCH (m:Method)-[r:EVALUATED_ON]->(d:Dataset)
WITH d, m.id AS method, count(*) AS statements, max(r.year) AS year
RETURN d.id AS id, d.name AS dataset, count(method) AS methods, sum(statements) AS statements, max(year) AS last_year
ORDER BY methods DESC, statements DESC, id
LIMIT $limit
