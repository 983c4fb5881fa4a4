"""The endpoints, by subject. Importing this package fills the table of routes."""

from . import access, discovery, enrollment, methods, passwords, records, tokens, users

__all__ = [
    "access",
    "discovery",
    "enrollment",
    "methods",
    "passwords",
    "records",
    "tokens",
    "users",
]
