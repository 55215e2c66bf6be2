"""What an operator sees, as values: the only thing the screens are ever given.

These rooms own the frozen view dataclasses of every screen. The headless station session
builds a new `StationSnapshot` whenever something changed; `kiosk.screens` renders it. No view
fetches, formats a time or knows a rule: every text arrives ready to be read, in local time and
with canonical ids, and is shown literally (never read as markup). Nothing here imports Textual,
the store or the core.
"""
