// How many papers, methods, datasets and tasks are there?
// Example: kgraph query count-nodes
MATCH (n:Paper|Method|Dataset|Task)
RETURN n.kind AS kind, count(n.id) AS count
ORDER BY kind
