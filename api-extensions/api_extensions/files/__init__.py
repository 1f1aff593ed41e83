"""Files of consultations: uploads, what is checked of them, downloads, deletions."""
