// Which papers speak of two entities? Newest first, with the sentence that speaks of each.
// $entity: Entity     a method, dataset or task
// $other: Entity      another one
// $limit: int = 20    rows at most
// Edge: id role $entity
// Edge: id other_role $other
// Example: kgraph query papers-with-both -p entity=ResNet-50 -p other=ImageNet
MATCH (a:Method|Dataset|Task {id: $entity})<-[x:PROPOSES|USES|COMPARES|MENTIONS]-(p:Paper)-[y:PROPOSES|USES|COMPARES|MENTIONS]->(b:Method|Dataset|Task {id: $other})
WHERE a.id <> b.id
RETURN p.id AS id, p.title AS title, x.year AS year, type(x) AS role, x.sentence AS sentence, type(y) AS other_role, y.sentence AS other_sentence
ORDER BY coalesce(x.year, 0) DESC, id
LIMIT $limit
