"""A Home Assistant for development, ready to use."""
