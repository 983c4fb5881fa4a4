"""Tests of errors of the cloud."""
