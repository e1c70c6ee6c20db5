// How many papers, methods, datasets and tasks are there?
MATCH (n:Paper|Method|Dataset|Task)
RETURN n.kind AS kind, count(n.id) AS count
ORDER BY kind
