"""A bank that speaks Zarinpal's REST API v4, and fails the way the real one does.

`python -m fakes.zarinpal --port 8090` runs it. It keeps books, which can be compared
with ours, and a small control endpoint makes it misbehave (`control.py`).
"""
