"""Keys and signatures for the head of the log: Ed25519, the private key kept away from the database."""

import base64
import binascii
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from store import errors
from store.log_head import HEAD_FORMAT, LogHead


class _SignedHead(msgspec.Struct, kw_only=True):
    """The head as text, so that the very bytes that were signed are the ones that are read."""

    head: str
    signature: str


def make_key(path: Path) -> Path:
    """Write a new private key, readable by its owner only, and the public one beside it, whose path is returned.

    Raises FileExistsError rather than overwrite a key, OSError where there is no writing.
    """
    key = Ed25519PrivateKey.generate()
    public = path.with_name(path.name + ".pub")
    for file, mode, content in (
        (path, 0o600, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        (public, 0o644, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    ):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    return public


def signed_head(head: LogHead, private_key: bytes) -> bytes:
    """Return the head as a file to be kept, signed; raises BadKey where the key is none."""
    try:
        key = load_pem_private_key(private_key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise errors.BadKey("The private key cannot be read: make one with kiosk db make-key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise errors.BadKey("The private key is of another kind: make one with kiosk db make-key.")
    said = msgspec.json.encode(head)
    signature = base64.b64encode(key.sign(said)).decode()
    return msgspec.json.format(msgspec.json.encode(_SignedHead(head=said.decode(), signature=signature))) + b"\n"


def read_head(file: bytes, public_key: bytes) -> LogHead:
    """Return the head that a file holds; raises BadKey, or HeadForged where the signature is not of this key."""
    try:
        key = load_pem_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise errors.BadKey("The public key cannot be read: it is the file that ends in .pub.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise errors.BadKey("The public key is of another kind: it is the file that ends in .pub.")
    try:
        signed = msgspec.json.decode(file, type=_SignedHead)
        key.verify(base64.b64decode(signed.signature, validate=True), signed.head.encode())
        head = msgspec.json.decode(signed.head.encode(), type=LogHead)
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, InvalidSignature) as error:
        raise errors.HeadForged from error
    if head.format != HEAD_FORMAT:
        raise errors.BadKey("The signed head is of a newer program: update this one.")
    return head
