"""What tests share: databases, roles, and people with pets and consultations."""
