"""Tickets, places of files, and the outbox of deletions."""
