"""Certificates for real TLS servers on loopback, from an authority of our own."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PEM = serialization.Encoding.PEM
_DAY = timedelta(days=1)


class Authority:
    """Vouches for servers; only who trusts its file believes it.

    Attributes:
        ca_file: Its certificate.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        others = "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
        may = dict.fromkeys([*others.split(), "crl_sign", "encipher_only", "decipher_only"], False)
        root = (
            _named("a test authority", self._key, "a test authority")
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**may, key_cert_sign=True), critical=True)
            .sign(self._key, SHA256())
        )
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(root.public_bytes(_PEM))

    def server(self, name: str = "127.0.0.1", *, begins: timedelta = -_DAY, ends: timedelta = _DAY) -> Path:
        """Key and certificate of a server, valid from `begins` to `ends`, counted from now.

        Args:
            name: Host name or address.
            begins: May be in the future.
            ends: May be in the past.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        leaf = (
            _named(name, key, "a test authority", begins, ends)
            .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, SHA256())
        )
        return _written(self._folder / f"server-{leaf.serial_number}.pem", key, leaf)


def self_signed(folder: Path) -> Path:
    """Key and certificate for 127.0.0.1 that no one vouches for, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    alone = (
        _named("127.0.0.1", key, "127.0.0.1")
        .add_extension(x509.SubjectAlternativeName([_alternative("127.0.0.1")]), critical=False)
        .sign(key, SHA256())
    )
    return _written(folder / "server.pem", key, alone)


def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server speaks with a key and certificate in one file."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return tls


def _named(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, begins: timedelta = -_DAY, ends: timedelta = _DAY
) -> x509.CertificateBuilder:
    subject, by = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (name, issuer))
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _written(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
    secret = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(_PEM))
    return path
