"""Races between real connections, and the proof that the guards decide them."""
