"""How lines stand to each other on a page: rows, columns, labels, tables."""
