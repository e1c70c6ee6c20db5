// Which entities are in the community of an entity? Highest PageRank first; `kgraph analyze --write` works it out before.
// $entity: Entity          the method, dataset or task
// $limit: int = 20         rows at most
// Example: kgraph query same-community -p entity=SeedDETR
MATCH (a:Method|Dataset|Task {id: $entity})
MATCH (e:Method|Dataset|Task)
WHERE e.community = a.community AND e.id <> a.id
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.pagerank AS pagerank
ORDER BY pagerank DESC, id
LIMIT $limit
