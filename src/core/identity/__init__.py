"""Identities of everything that is tracked, and the lineage that they carry."""
