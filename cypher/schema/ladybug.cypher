// The tables of the embedded engine, and macros that give it Neo4j's names for functions that it has under others.
// A statement ends with a semicolon at the end of its line. They are run once, in a new file, which remembers what it was
// made by: where this text has changed since, the next opening for writing begins a new file.
CREATE NODE TABLE Paper(
  id STRING PRIMARY KEY, kind STRING, title STRING, abstract STRING, published STRING, year INT64, url STRING,
  authors STRING[], source STRING, doi STRING, arxiv_id STRING, revision INT64
);
CREATE NODE TABLE Method(
  id STRING PRIMARY KEY, kind STRING, name STRING, aliases STRING[], url STRING, revision INT64,
  pagerank DOUBLE, degree INT64, community INT64
);
CREATE NODE TABLE Dataset(
  id STRING PRIMARY KEY, kind STRING, name STRING, aliases STRING[], url STRING, revision INT64,
  pagerank DOUBLE, degree INT64, community INT64
);
CREATE NODE TABLE Task(
  id STRING PRIMARY KEY, kind STRING, name STRING, aliases STRING[], url STRING, revision INT64,
  pagerank DOUBLE, degree INT64, community INT64
);

CREATE REL TABLE PROPOSES(
  FROM Paper TO Method, FROM Paper TO Dataset, FROM Paper TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE USES(
  FROM Paper TO Method, FROM Paper TO Dataset, FROM Paper TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE COMPARES(
  FROM Paper TO Method, FROM Paper TO Dataset, FROM Paper TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE MENTIONS(
  FROM Paper TO Method, FROM Paper TO Dataset, FROM Paper TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE USED_FOR(
  FROM Method TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE EVALUATED_ON(
  FROM Method TO Dataset,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE BENCHMARK_FOR(
  FROM Dataset TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE BASED_ON(
  FROM Method TO Method,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE COMPARED_WITH(
  FROM Method TO Method,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
CREATE REL TABLE SUBTASK_OF(
  FROM Task TO Task,
  id STRING, paper_id STRING, sentence STRING, start_char INT64, end_char INT64, score DOUBLE, year INT64, component STRING,
  context STRING, context_start_char INT64, context_end_char INT64
);
// From the smaller id to the larger, which begin with the label.
CREATE REL TABLE SAME_TERM_AS(FROM Dataset TO Method, FROM Dataset TO Task, FROM Method TO Task);

// The engine has no for macros; the adapter leaves out those that exist.
CREATE MACRO type(r) AS label(r);
CREATE MACRO toInteger(x) AS CAST(x AS INT64);
CREATE MACRO toFloat(x) AS CAST(x AS DOUBLE);
CREATE MACRO head(l) AS l[1];
CREATE MACRO last(l) AS l[-1];
CREATE MACRO split(s, d) AS string_split(s, d);
