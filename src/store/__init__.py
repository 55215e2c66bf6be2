"""The event log and its read models in Postgres: the only package that knows SQL."""
