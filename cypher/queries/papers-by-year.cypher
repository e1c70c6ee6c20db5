// How many papers are there of each year?
// Example: kgraph query papers-by-year
MATCH (p:Paper)
RETURN p.year AS year, count(p.id) AS papers
ORDER BY year
