"""Pure functions and values about locks. Time is an argument."""
