"""The command line: one module for each family of commands, put together in `kiosk.cli.program`.

Every family registers its parsers and runs its commands; none imports Textual or the database
driver before one of its commands runs, so that `kiosk --help` is there at once.
"""
