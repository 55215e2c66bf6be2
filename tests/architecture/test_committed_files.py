"""What is committed works on any machine: no address of a registry, no path of one machine, no stray lock."""

import re

import pytest

from tests.architecture.source_tree import ROOT, committed_files

# Put together here so that this file does not find itself.
REGISTRIES = [
    ".".join(words)
    for words in [
        ("pypi", "org"), ("pypi", "python", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("deb", "debian", "org"), ("crates", "io"), ("proxy", "golang", "org"), ("ghcr", "io"), ("docker", "io"),
    ]
]  # fmt: skip
PATHS = [
    "/" + "/".join(words)
    for words in [("work", "main"), ("work", "shared"), ("root", ""), ("home", r"\w"), ("opt", "wheels")]
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Every committed text by its path."""
    files = committed_files()
    if not files:
        pytest.skip("not a git work tree")
    found: dict[str, str] = {}
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content:
            found[str(path.relative_to(ROOT))] = content.decode(errors="replace")
    return found


def hits(texts: dict[str, str], pattern: str) -> list[str]:
    """Where a pattern occurs, as file:line."""
    regex = re.compile(pattern)
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in texts.items()
        for match in regex.finditer(text)
    ]


def test_no_registry_is_named(texts: dict[str, str]) -> None:
    """Whoever installs this decides where packages come from."""
    assert not hits(texts, "|".join(re.escape(host) for host in REGISTRIES))


def test_no_path_of_one_machine_is_named(texts: dict[str, str]) -> None:
    """Nothing works only where it was written."""
    assert not hits(texts, rf"(?<![\w.])(?:{'|'.join(PATHS)})")


def test_one_lock_with_hashes_and_no_index(texts: dict[str, str]) -> None:
    """Each package is locked with its hashes, and no other tool's lock lies beside it."""
    assert not [name for name in texts if re.search(r"(^|/)(uv|poetry|pdm)\.lock$|Pipfile", name)]
    lock = texts["requirements.lock"]
    pins = re.findall(r"^[\w.-]+==[^\\]+\\$", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"==", re.sub(r";.*", "", lock)))
    assert not re.search(r"https?:|--index-url|--find-links", lock)


def test_the_lock_has_what_the_project_asks_for(texts: dict[str, str]) -> None:
    """A dependency that was added without `make lock` would be missing on the next machine."""
    import tomllib

    project = tomllib.loads(texts["pyproject.toml"])["project"]
    asked = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", texts["requirements.lock"], re.MULTILINE)}
    wanted = {re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0].lower() for requirement in asked}
    assert wanted - locked == set()


def test_every_ignored_rule_has_its_reason(texts: dict[str, str]) -> None:
    """A rule is only switched off, for the project or a folder, with words beside it."""
    table = texts["pyproject.toml"].split("[tool.ruff.lint]", 1)[1].split("[tool.ruff.lint.pydocstyle]", 1)[0]
    lines = [line.strip() for line in table.splitlines() if re.search(r'"[A-Z]+\d*"', line)]
    assert [line for line in lines if "#" not in line and not line.startswith("select")] == []
