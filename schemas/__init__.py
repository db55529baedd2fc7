"""The record types people extract from documents, and the registry that finds them by name."""
