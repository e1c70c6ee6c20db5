// Which statements lead from one entity to another? Best first, with their sentences.
// $source: Entity     the method, dataset or task that the statements begin at
// $target: Entity     the one that they lead to
// $limit: int = 50    rows at most
MATCH (a:Method|Dataset|Task {id: $source})-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b:Method|Dataset|Task {id: $target})
MATCH (p:Paper {id: r.paper_id})
RETURN a.name AS source, type(r) AS type, b.name AS target, p.id AS paper, p.title AS title, r.year AS year, r.score AS score,
       r.sentence AS sentence, r.start_char AS start_char, r.end_char AS end_char, r.component AS component, p.url AS url, r.id AS id
ORDER BY score DESC, id
LIMIT $limit
