"""A station without a screen: what it has open, what a scan does, and what is to be shown.

Takes scans and keys, asks the store, and makes snapshots. Imports no Textual; the
app feeds it and shows what it makes.
"""
