"""Payments through the whole system, with a fake bank in Zarinpal's place."""
