"""What goes wrong in a way that a sentence explains."""


class StackError(Exception):
    """The system can't start, or can't go on; the message is for the terminal."""
