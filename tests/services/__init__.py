"""Tests of the actions, from the call to the simulated lock and back."""
