"""The service that answers: an OpenAI-compatible API spoken over HTTP."""
