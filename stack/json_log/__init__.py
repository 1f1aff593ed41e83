"""Makes JSON lines, with nothing secret in them, of what a part writes."""
