"""The whole product: the real apps on a real database, in this process and in terminals."""
