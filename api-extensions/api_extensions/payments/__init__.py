"""Payments: opening an attempt, settling it, and the gateways behind one interface."""
