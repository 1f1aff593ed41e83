"""CSV files for admins, streamed from COPY."""
