"""A Home Assistant for development, ready to look at."""
