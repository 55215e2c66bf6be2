"""Tests of the pure core: no fixture, no clock, no database."""
