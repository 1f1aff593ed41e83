"""`make docs`: the reference of the database and its diagram, from the catalog."""
