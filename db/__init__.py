"""Running PostgreSQL, migrating it, and the tools for changing its definition."""
