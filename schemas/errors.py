"""What is wrong with a record type."""


class SchemaError(ValueError):
    """No usable record type stands behind a reference. The message is one sentence."""
