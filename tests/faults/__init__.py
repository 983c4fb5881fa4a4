"""Tests of faults: whatever the cloud does, and when."""
