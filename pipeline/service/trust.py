"""Which certificates of servers are believed. There is no way to believe all of them."""

import ssl
from pathlib import Path

import httpx

from pipeline.errors import ConfigError


def trusted(ca_file: Path | None = None) -> ssl.SSLContext:
    """Connections by it are checked against the usual authorities and those of a file.

    The usual ones are certifi's, or those that SSL_CERT_FILE and SSL_CERT_DIR name in place of them.

    Args:
        ca_file: Certificates of more authorities, in PEM.

    Raises:
        ConfigError: A file cannot be read, or holds no certificate.
    """
    try:
        context = httpx.create_ssl_context()
    except OSError as error:  # errors of ssl are among them
        raise ConfigError(
            f"SSL_CERT_FILE or SSL_CERT_DIR names no certificates ({_reason(error)}): correct or unset it"
        ) from error
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        raise ConfigError(
            f"{ca_file} cannot be used as a file of authorities ({_reason(error)}): have PAGELAKE_CA_FILE "
            "name a file of certificates in PEM"
        ) from error
    return context


def _reason(error: OSError) -> str:
    return "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror or "unreadable"
