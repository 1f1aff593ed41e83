"""Tools for changing the database: sql/ is edited, migrations/ is its history."""
