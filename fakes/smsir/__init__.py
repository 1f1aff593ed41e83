"""A fake of SMS.ir: https://sms.ir/developer-web-service/rest-api/."""

from fakes.smsir.books import Books
from fakes.smsir.server import create_app

__all__ = ["Books", "create_app"]
