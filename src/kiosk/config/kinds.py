"""The kinds of value that people write in the shop's files, and how each is refused.

Used by the tables of kiosk.toml and by `kiosk.shop_files`.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StrictStr
from pydantic_core import PydanticCustomError

from core.identity.ids import parse_operation_code, parse_station_id
from kiosk.printable import shown

_REFUSED = "refused"


def refused(sentence: str) -> PydanticCustomError:
    """Return the error that pydantic is to raise, with this sentence."""
    # Braces are pydantic's placeholders; a foreign text may hold some.
    return PydanticCustomError(_REFUSED, "{sentence}", {"sentence": sentence})


def seen_once(what: str, names: Sequence[str]) -> None:
    """Refuse names that stand there twice; `what` says which names they are."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refused(f"{what} {', '.join(twice)}: only once each")


def plain_words(text: str) -> str:
    """Return the text without blanks around it; refused where it is blank or holds invisible characters."""
    if not text.strip():
        raise refused("a blank text says nothing")
    if shown(text, 1_000) != text.replace("\\", "\\\\"):
        raise refused("control and invisible characters are not allowed here")
    return text.strip()


def upper_case(value: Any) -> Any:
    """Return a text in upper case with underscores, anything else as it is."""
    return value.strip().upper().replace("-", "_") if isinstance(value, str) else value


def lower_case(value: Any) -> Any:
    """Return a text in lower case, anything else as it is."""
    return value.strip().lower() if isinstance(value, str) else value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _station_id(text: str) -> str:
    station = parse_station_id(text)
    if station is None:
        raise refused("letters and digits joined by - or _, a letter first, 32 characters at most")
    return station


def _operation_code(text: str) -> str:
    operation = parse_operation_code(text)
    if operation is None:
        raise refused("letters and digits joined by - or _, a letter first, 32 characters at most")
    return operation


Text = Annotated[StrictStr, AfterValidator(plain_words)]
Words = Annotated[Text, Field(max_length=80)]
StationName = Annotated[StrictStr, AfterValidator(_station_id)]
OperationName = Annotated[StrictStr, AfterValidator(_operation_code)]
Count = Annotated[int, Strict()]
Amount = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Patterns = Annotated[tuple[Words, ...], BeforeValidator(_one_or_more)]


def _from_the_root(path: str) -> str:
    if not path.startswith("/"):
        raise refused("a path that begins with /, which is one place wherever kiosk is started")
    return path


WholePath = Annotated[Text, Field(max_length=4096), AfterValidator(_from_the_root)]
"""A path from the root on."""
