// Which papers speak of a method, dataset or task, in which role and sentence? Newest first.
// $entity: Entity     the method, dataset or task
// $limit: int = 20    rows at most
// Edge: id role $entity
// Example: kgraph query papers-for-entity -p entity=ImageNet
MATCH (p:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task {id: $entity})
RETURN p.id AS id, p.title AS title, r.year AS year, type(r) AS role, r.score AS score, r.sentence AS sentence, p.url AS url
ORDER BY coalesce(r.year, 0) DESC, id
LIMIT $limit
