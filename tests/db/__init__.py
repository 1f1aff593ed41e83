"""The database's rules, one test file per object of sql/ (small ones share a file)."""
