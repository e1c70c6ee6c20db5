// Which files do most papers come from?
// $limit: int = 20    rows at most
// Example: kgraph query top-sources
MATCH (p:Paper)
RETURN p.source AS source, count(p.id) AS papers, min(p.year) AS first_year, max(p.year) AS last_year
ORDER BY papers DESC, source
LIMIT $limit
