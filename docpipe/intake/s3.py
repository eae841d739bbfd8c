"""Amazon S3 and what speaks its protocol, through botocore: any key, listed a page at a time.

The environment, profiles and roles are botocore's; the query of an input may say `endpoint_override`,
`scheme`, `region` and `anonymous`, and credentials may stand in front of the bucket.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from docpipe.errors import MissingLibrary, PathNotFound, SourceChanged, install_extra
from docpipe.intake.content import CHUNK_BYTES
from docpipe.intake.names import public, shown
from docpipe.intake.objects import Interrupted, Object

_OPTIONS = {"endpoint_override", "scheme", "region", "anonymous"}
_GONE = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}
_REPLACED = {"412", "PreconditionFailed"}
_DEFAULT_REGION = "us-east-1"
_CONNECTIONS = 32


class S3:
    """One bucket. A key is its path, taken as it stands."""

    def __init__(self, connection: str) -> None:
        address, _, query = connection.partition("?")
        user, _, bucket = address.partition("://")[2].rpartition("@")
        options = dict(parse_qsl(query))
        if unknown := options.keys() - _OPTIONS:
            raise PathNotFound(f"{shown(public(connection))}: unknown option {', '.join(sorted(unknown))}")
        self._bucket = bucket
        self._client = _client(user, options)

    def about(self, path: str) -> Object | None:
        with _answered():
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=path)
            except self._client.exceptions.ClientError as error:
                if _code(error) in _GONE:
                    return None
                raise
        return _object(path, found["ContentLength"], found)

    def below(self, path: str, passed_over: Callable[[str], bool]) -> Iterator[Object]:
        prefix, asked = f"{path}/" if path else "", {"Bucket": self._bucket}
        found = None
        while True:
            with _answered():
                page = self._client.list_objects_v2(Prefix=prefix, **asked)
            for found in page.get("Contents", ()):
                key, size = found["Key"], found["Size"]
                stands_for_a_folder = key.endswith("/") and size == 0  # consoles make these
                if not stands_for_a_folder and not passed_over(key):
                    yield _object(key, size, found)
            if not page["IsTruncated"]:
                break
            asked["ContinuationToken"] = page["NextContinuationToken"]
        if prefix and found is None:
            raise FileNotFoundError(f"nothing at {shown(path)}")

    def opened(self, path: str) -> tuple[Object, Iterator[bytes]]:
        with _answered():
            found = self._client.get_object(Bucket=self._bucket, Key=path)
        return _object(path, found["ContentLength"], found), _chunks(found["Body"])

    def part(self, file: Object, offset: int, count: int) -> bytes:
        if count <= 0 or offset >= file.size:
            return b""
        span = f"bytes={offset}-{min(file.size, offset + count) - 1}"
        with _answered():
            found = self._client.get_object(Bucket=self._bucket, Key=file.path, Range=span, IfMatch=f'"{file.etag}"')
        return b"".join(_chunks(found["Body"]))


def _client(user: str, options: dict[str, str]) -> Any:
    try:
        import botocore.session
        from botocore import UNSIGNED
        from botocore.config import Config
    except ImportError as error:
        raise MissingLibrary("s3:// needs the library botocore", remedy=install_extra("buckets")) from error
    key, _, secret = (unquote(part) for part in user.partition(":"))
    endpoint = options.get("endpoint_override", "")
    if endpoint and "://" not in endpoint:
        endpoint = f"{options.get('scheme', 'https')}://{endpoint}"
    own_address = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    unsigned = options.get("anonymous", "").lower() in ("true", "1")
    session = botocore.session.get_session()
    region = options.get("region") or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 5},
        max_pool_connections=_CONNECTIONS,
        response_checksum_validation="when_required",  # other stores know no checksums
        s3={"addressing_style": "path" if own_address else "auto"},
        signature_version=UNSIGNED if unsigned else None,
    )
    return session.create_client(
        "s3",
        region_name=region or _DEFAULT_REGION,
        endpoint_url=endpoint or None,
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
        config=config,
    )


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    """What the store refuses or the wire loses, as the errors that `Store` promises."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if _code(error) in _REPLACED:
            raise SourceChanged("replaced while it was read") from error
        kind = FileNotFoundError if _code(error) in _GONE else OSError
        raise kind(str(error)) from error
    except BotoCoreError as error:
        raise ConnectionError(str(error)) from error


def _chunks(body: Any) -> Iterator[bytes]:
    from botocore.exceptions import BotoCoreError

    with contextlib.closing(body):
        try:
            yield from body.iter_chunks(CHUNK_BYTES)
        except BotoCoreError as error:
            raise Interrupted(str(error)) from error


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _object(path: str, size: int, found: Any) -> Object:
    changed_s = int(found["LastModified"].timestamp())  # a listing knows fractions, the object itself does not
    return Object(path, size, changed_s * 1_000_000_000, found.get("ETag", "").strip('"'))
