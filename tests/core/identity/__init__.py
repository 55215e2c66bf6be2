"""Tests of the ids and their lineage."""
