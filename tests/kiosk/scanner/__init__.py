"""The scanner room: decoder, selection, reader, wedge."""
