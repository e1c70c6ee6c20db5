// Which entities of other kinds bear the same name as an entity? Most papers first.
// $entity: Entity     the method, dataset or task
// $limit: int = 20    rows at most
// Edge: $entity SAME_TERM_AS id
// Example: kgraph query same-terms -p entity="sentiment analysis"
MATCH (:Method|Dataset|Task {id: $entity})-[:SAME_TERM_AS]-(o:Method|Dataset|Task)
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(o)
RETURN o.id AS id, o.kind AS kind, o.name AS name, count(r.id) AS papers
ORDER BY papers DESC, id
LIMIT $limit
