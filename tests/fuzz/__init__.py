"""A search for inputs that break what reads text, bytes and keys, guided by the lines that they reach."""
