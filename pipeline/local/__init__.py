"""The embedded engine: a loopback server that answers the service's protocol with OCR and rules."""
