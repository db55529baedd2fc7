"""An S3-compatible server on loopback, with buckets for tests."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipeline.objects import ObjectFolder

_NUMBERS = count(1)


@contextmanager
def s3_server() -> Iterator[str]:
    """Its base URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def environment(url: str) -> dict[str, str]:
    """What makes S3 clients of any kind talk to that server, and to nobody else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "hidden-from-everybody",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def new_bucket(url: str, name: str = "") -> str:
    """The address of an empty bucket."""
    name = name or f"bucket-{next(_NUMBERS)}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="tester",
        aws_secret_access_key="hidden-from-everybody",  # noqa: S106 - of no account
    )
    client.create_bucket(Bucket=name)
    client.close()
    return f"s3://{name}"


def in_bucket(address: str) -> dict[str, bytes]:
    """Everything in a bucket or a folder of it."""
    objects = ObjectFolder(address)
    return {one.path: objects.read(one.path) or b"" for one in objects.list()}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server for the tests of a module, which the environment names."""
    with s3_server() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(url).items():
            patch.setenv(name, value)
        yield url


@pytest.fixture
def bucket(s3: str) -> str:
    """The address of an empty bucket."""
    return new_bucket(s3)
