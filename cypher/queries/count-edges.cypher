// How many edges of each type are there?
// Example: kgraph query count-edges
MATCH (:Paper|Method|Dataset|Task)-[r:PROPOSES|USES|COMPARES|MENTIONS|USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF|SAME_TERM_AS]->(:Method|Dataset|Task)
RETURN type(r) AS type, count(*) AS count
ORDER BY type
