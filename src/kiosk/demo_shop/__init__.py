"""The demo's shop: its products, stations and people as TOML files in the shops' own format.

Read by the demo and, for its products, by the simulation.
"""

from datetime import datetime
from importlib import resources
from pathlib import Path

from core.domain.commands import RegisterOperator
from core.domain.values import ProductSpec
from kiosk.config.file import Config, load_config
from kiosk.shop_files import load_operators, load_specs

__all__ = ["demo_config", "demo_people", "demo_products"]


def _path(name: str) -> Path:
    # The package is installed as files, never zipped: Textual's own styles would not work there either.
    return Path(str(resources.files("kiosk.demo_shop").joinpath(name)))


def demo_config() -> Config:
    """The demo's kiosk.toml."""
    return load_config(_path("kiosk.toml"))


def demo_products(at: datetime) -> tuple[ProductSpec, ...]:
    """What the demo's shop makes."""
    return tuple(command.spec for command in load_specs(_path("products.toml"), at=at))


def demo_people(at: datetime) -> tuple[RegisterOperator, ...]:
    """Who works there."""
    return load_operators(_path("people.toml"), at=at)
