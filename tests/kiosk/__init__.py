"""Tests of the kiosk: configuration, words, screens, scanners, command line."""
