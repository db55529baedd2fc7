"""From pages and a schema to a record: what is asked for, and how it is found."""
