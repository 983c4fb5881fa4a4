"""Encryption with the access secret: the message stream and PIN codes.

Pure. `MessageCipher` keeps the key of the stream and never reveals it; the functions keep
no key. Malformed input raises DecryptionError.
"""

from binascii import a2b_base64
from collections.abc import Mapping
from hashlib import md5
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

# The keys of the stream are the middle of a text of 32 characters.
_MIDDLE: Final = slice(8, 24)
_BLOCK_BITS: Final = 128
_NONCE_BYTES: Final = 12

# The property `em` of a frame; the first mode is the default.
ECB_MODE: Final = "aes_ecb"
GCM_MODE: Final = "aes_gcm"


class DecryptionError(Exception):
    """The data cannot be decrypted with the access secret of the project."""


def _md5_hex(text: str) -> str:
    """Return the checksum that Tuya requires; nothing here relies on its strength."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def push_password(access_id: str, access_secret: str) -> str:
    """Return the password of the message stream; its user name is the access id."""
    return _md5_hex(access_id + _md5_hex(access_secret))[_MIDDLE]


def envelope_sign(envelope: Mapping[str, object], access_secret: str) -> str:
    """Return the signature of a message envelope, in lower-case hex.

    `sign` itself and empty fields are left out. It proves no more than the decryption of
    the data, so the stream does not check it.
    """
    fields = (
        f"{key}={envelope[key]}"
        for key in sorted(envelope)
        if key != "sign" and envelope[key] not in ("", None)
    )
    return _md5_hex("||".join((*fields, access_secret)))


class MessageCipher:
    """Decrypts the messages of one project, in both modes of Tuya."""

    __slots__ = ("_gcm", "_key")

    def __init__(self, access_secret: str) -> None:
        """Derive the key; raise DecryptionError for a secret that is too short."""
        self._key = access_secret.encode()[_MIDDLE]
        try:
            self._gcm = AESGCM(self._key)
        except ValueError as err:
            raise DecryptionError("the access secret is too short") from err

    def decrypt(self, data: str, mode: str | None = None) -> bytes:
        """Return the plaintext of base64 data; `mode` is the property `em`.

        The version in the envelope does not determine the mode.
        """
        try:
            encrypted = a2b_base64(data)
            if mode == GCM_MODE:
                return self._gcm.decrypt(
                    encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:], None
                )
            if mode in {None, "", ECB_MODE}:
                return _decrypt_ecb(self._key, encrypted)
        except InvalidTag as err:
            raise DecryptionError("wrong key, or altered data") from err
        except ValueError as err:
            raise DecryptionError("malformed data") from err
        raise DecryptionError("unknown mode")


def session_key(ticket_key: str, access_secret: str) -> str:
    """Return the key of a password ticket, which encrypts one PIN code.

    The ticket comes as hex in either case, encrypted with the whole access secret.
    """
    try:
        key = _decrypt_ecb(access_secret.encode(), bytes.fromhex(ticket_key)).decode()
    except ValueError as err:
        raise DecryptionError("malformed ticket") from err
    if len(key) != _BLOCK_BITS // 8:
        raise DecryptionError("malformed ticket")
    return key


def encrypt_pin(pin: str, ticket_session_key: str) -> str:
    """Return a PIN code for a password call, in lower-case hex.

    Upper-case hex is accepted, too, but some locks then store another code
    (docs/tuya_api.md, Password encryption), so it is never sent.
    """
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(pin.encode()) + padder.finalize()
    # A single block, so the mode that Tuya requires is as safe as any other.
    encryptor = Cipher(
        algorithms.AES(ticket_session_key.encode()), modes.ECB()
    ).encryptor()
    return (encryptor.update(padded) + encryptor.finalize()).hex()


def _decrypt_ecb(key: bytes, encrypted: bytes) -> bytes:
    """Return the unpadded plaintext. Raises ValueError for invalid data."""
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    return unpadder.update(padded) + unpadder.finalize()
