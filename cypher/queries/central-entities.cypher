// Which methods, datasets or tasks are most central? Highest PageRank first; `kgraph analyze --write` works it out before.
// $type: Label = Method    Method, Dataset or Task
// $limit: int = 20         rows at most
// Example: kgraph query central-entities
MATCH (e:Method|Dataset|Task)
WHERE e.kind = $type AND e.pagerank IS NOT NULL
RETURN e.id AS id, e.name AS name, e.pagerank AS pagerank, e.degree AS degree, e.community AS community
ORDER BY pagerank DESC, id
LIMIT $limit
