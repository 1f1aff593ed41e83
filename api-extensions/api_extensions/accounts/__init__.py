"""Accounts: sign-up, sign-in, tokens, passwords."""
