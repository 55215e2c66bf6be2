"""The demo: one command starts a whole shop on this machine and gives somebody a station in it."""

from kiosk.demo.playing import run_demo

__all__ = ["run_demo"]
