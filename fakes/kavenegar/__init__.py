"""A fake of Kavenegar: https://kavenegar.com/rest.html."""

from fakes.kavenegar.books import Books
from fakes.kavenegar.server import create_app

__all__ = ["Books", "create_app"]
