"""PINs: the second half of a manager's proof, kept only as a salted scrypt hash.

The salt enters as an argument, so that hashing stays a pure function.
"""

import hashlib
import hmac

from core.domain.values import PinSecret

MIN_PIN_DIGITS = 4
MAX_PIN_DIGITS = 12

# 2^13 rounds of 8 blocks take some 25 ms and 8 MiB: slow for a thief who tries a
# million PINs, unnoticed by the manager who types one.
_ROUNDS = 2**13
_BLOCKS = 8
_LENGTH = 32


def is_acceptable(pin: str) -> bool:
    """Say whether ``pin`` is 4 to 12 ASCII digits and not one digit repeated."""
    return MIN_PIN_DIGITS <= len(pin) <= MAX_PIN_DIGITS and pin.isascii() and pin.isdigit() and len(set(pin)) > 1


def hash_pin(pin: str, salt: bytes) -> PinSecret:
    """Return what is stored for ``pin``; ``salt`` is 16 random bytes from the caller."""
    return PinSecret(salt=salt.hex(), digest=_digest(pin, salt).hex())


def is_right(pin: str, secret: PinSecret) -> bool:
    """Say whether ``pin`` is the one that ``secret`` was made from."""
    expected = bytes.fromhex(secret.digest)
    return hmac.compare_digest(_digest(pin, bytes.fromhex(secret.salt)), expected)


def _digest(pin: str, salt: bytes) -> bytes:
    secret = pin.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=_ROUNDS, r=_BLOCKS, p=1, dklen=_LENGTH)
