"""Stations at work without a screen, on a real database."""
