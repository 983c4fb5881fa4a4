"""The encryption and signature of messages.

The body is encrypted with the middle of the access secret, the envelope is signed, and
the frame around it names the cipher.
"""

import base64
import hashlib
import json
from typing import Any, Literal

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

type CipherName = Literal["aes_ecb", "aes_gcm"]


def compact(value: Any) -> bytes:
    """Return JSON without blanks, as the cloud writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def hexdigest(text: str) -> str:
    """Return the MD5 of a text."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def password(access_id: str, secret: str) -> str:
    """Return the password of a client."""
    return hexdigest(access_id + hexdigest(secret))[8:24]


def seal(body: bytes, secret: str, cipher: CipherName, nonce: bytes) -> str:
    """Encrypt a body; only GCM uses the nonce."""
    key = secret[8:24].encode()
    if cipher == "aes_gcm":
        return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, body, b"")).decode()
    pad = padding.PKCS7(algorithms.AES.block_size).padder()
    blocks = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    sealed = blocks.update(pad.update(body) + pad.finalize()) + blocks.finalize()
    return base64.b64encode(sealed).decode()


def signature(envelope: dict[str, Any], secret: str) -> str:
    """Sign an envelope that has no ``sign`` yet."""
    pairs = [f"{key}={value}" for key, value in sorted(envelope.items()) if value != ""]
    return hexdigest("||".join(pairs) + "||" + secret)


def payload(protocol: int, sent: int, data: str, secret: str) -> str:
    """Return an envelope as base64, with its keys in the order of the documents."""
    envelope: dict[str, Any] = {
        "protocol": protocol,
        "pv": "2.0",
        "t": sent,
        "data": data,
    }
    envelope["sign"] = signature(envelope, secret)
    return base64.b64encode(compact(envelope)).decode()
