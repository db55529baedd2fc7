"""How right the records of a lake are: read truth, pair it with records, compare, count."""
