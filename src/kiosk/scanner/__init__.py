"""Barcode scanners: finished codes for the kiosk, from the kernel's input devices or from the terminal.

The decoder and the wedge are pure; the reader runs a thread for each device. Nothing here imports evdev
before a device is opened, so the package loads on any system.
"""
