"""Tests of the read models: every row is the fold of one stream."""
