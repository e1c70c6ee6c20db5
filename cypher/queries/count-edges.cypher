// How many statements of each type are there, from how many papers?
MATCH (:Paper|Method|Dataset|Task)-[r:PROPOSES|USES|COMPARES|MENTIONS|USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(:Method|Dataset|Task)
RETURN type(r) AS type, count(r.id) AS count, count(DISTINCT r.paper_id) AS papers
ORDER BY type
