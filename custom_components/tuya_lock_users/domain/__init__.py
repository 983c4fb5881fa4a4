"""What is known of a lock and what follows from it: pure, time is an argument."""
