"""Tests of the screens: what they show at every size, and what their keys say."""
