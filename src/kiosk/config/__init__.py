"""kiosk.toml: what a shop and a terminal are set to, validated in full before anything starts.

These rooms own the shape of the file, where it is looked for, which station a terminal is, and which
database it uses. Secrets are refused: they come from the environment (KIOSK_DSN) or from a pgpass file.
"""
