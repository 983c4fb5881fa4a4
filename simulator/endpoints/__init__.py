"""The endpoints, by subject. Importing this package fills the table of routes."""

from . import access, discovery, methods, tokens, users

__all__ = ["access", "discovery", "methods", "tokens", "users"]
