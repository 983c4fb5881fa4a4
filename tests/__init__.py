"""Tests of Tuya Lock Users."""
