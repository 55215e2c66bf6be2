"""A database's schema as plain text, for comparing: tables, constraints, indexes, triggers, views, grants."""

import psycopg

_PARTS = {
    "tables": """SELECT c.relname, c.relpersistence, array_to_string(c.reloptions, ',') FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1""",
    "columns": """SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "triggers": """SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1""",
    "functions": """SELECT p.proname, md5(p.prosrc) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        ORDER BY 1""",
    "views": "SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "grants": """SELECT c.relname, g.grantee::regrole::text, string_agg(g.privilege_type, ',' ORDER BY g.privilege_type)
        FROM pg_class c, aclexplode(c.relacl) g WHERE c.relnamespace = 'public'::regnamespace
        AND g.grantee <> c.relowner GROUP BY 1, 2 ORDER BY 1, 2""",
    "column grants": """SELECT c.relname, a.attname, g.grantee::regrole::text, g.privilege_type
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g
        WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3, 4""",
}


def schema_of(dsn: str) -> str:
    """The schema of a database, one line a thing, in an order that does not depend on how it was made."""
    lines: list[str] = []
    with psycopg.connect(dsn) as connection:
        for part, query in _PARTS.items():
            lines.append(f"-- {part}")
            rows = connection.execute(query.encode())
            lines += [" | ".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join(lines) + "\n"
