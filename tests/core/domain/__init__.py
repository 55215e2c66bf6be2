"""Tests of the domain: values, tables of states, what a history says once corrected."""
