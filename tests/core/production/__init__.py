"""Tests of the rules, one module for each concept of the shop."""
