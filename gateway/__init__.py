"""The one door: nginx with njs, and the documents that it serves."""
