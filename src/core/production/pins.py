"""PINs: the second half of a manager's proof, kept only as a salted scrypt hash.

The salt enters as an argument, so that hashing stays a pure function. Whoever guesses
is stopped: after some wrong PINs no PIN of that person is taken for a while.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain.values import PinSecret
from core.production.facts import ShopPolicy

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


def locked_until(wrong_pins: Sequence[datetime], policy: ShopPolicy) -> datetime | None:
    """Return until when no PIN of a person is taken, None where it is.

    ``wrong_pins`` are the moments of the wrong ones within the policy's window, oldest
    first. What is refused during a lock is not among them, so a lock comes to an end.
    """
    if len(wrong_pins) < policy.most_wrong_pins:
        return None
    return wrong_pins[-policy.most_wrong_pins] + timedelta(minutes=policy.pin_lock_minutes)


def _digest(pin: str, salt: bytes) -> bytes:
    secret = pin.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=_ROUNDS, r=_BLOCKS, p=1, dklen=_LENGTH)
