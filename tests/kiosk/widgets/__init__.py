"""Tests of the widgets and of big type."""
