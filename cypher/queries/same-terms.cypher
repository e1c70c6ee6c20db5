// Which entities of other kinds bear the same name as an entity? Most papers first.
// $entity: Entity     the method, dataset or task
// $limit: int = 20    rows at most
MATCH (:Method|Dataset|Task {id: $entity})-[:SAME_TERM_AS]-(o:Method|Dataset|Task)
RETURN o.id AS id, o.kind AS kind, o.name AS name,
       COUNT { MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(o) } AS papers
ORDER BY papers DESC, id
LIMIT $limit
