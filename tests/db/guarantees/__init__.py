"""What the tables' owner cannot do with raw SQL: G1, G2, G3, G5, G6 and the money."""
