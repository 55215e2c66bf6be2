"""Torture: many kiosks at work while everything under them is killed, frozen, cut, filled and set to another time.

``make torture`` runs it, twice with one seed, and judges what the log then says: every scan that an operator saw
accepted or kept is in it exactly once, in its station's order, every verdict is the one that was typed, every packed
set is exactly its cards, every invariant holds, the read models equal the fold, and both runs leave the same log.
"""
