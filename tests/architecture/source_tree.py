"""What the tests of the architecture read: the product's modules, and what each of them imports."""

import ast
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the product."""

    name: str
    path: Path

    @cache  # noqa: B019 - a few hundred modules that many tests look at
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @cache  # noqa: B019 - the same
    def imports(self) -> Sequence[tuple[str, int]]:
        """The absolute name and the line of everything it imports, wherever in the module."""
        found: list[tuple[str, int]] = []
        for node in ast.walk(self.tree()):
            if isinstance(node, ast.Import):
                found += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}:{node.lineno} imports by a relative name"
                assert node.module is not None
                found.append((node.module, node.lineno))
        return found


@cache
def modules(package: str) -> Sequence[Module]:
    """All modules of one of the packages, in order."""
    found: list[Module] = []
    for path in sorted((SOURCE / package).rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found.append(Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def committed_files() -> list[Path]:
    """Every file that git keeps; empty where there is no git or no repository."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [path for name in listing.decode().split("\0") if name and (path := ROOT / name).is_file()]
