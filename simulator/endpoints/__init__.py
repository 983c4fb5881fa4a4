"""The endpoints, by subject. Importing this package fills the table of routes."""

from . import access, discovery, methods, records, tokens, users

__all__ = ["access", "discovery", "methods", "records", "tokens", "users"]
