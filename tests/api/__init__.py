"""Tests of the cloud's side: what needs no Home Assistant."""
