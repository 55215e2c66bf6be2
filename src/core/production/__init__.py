"""The rules of production: what each command or scan does, given what has happened."""
