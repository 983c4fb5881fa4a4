"""A client of Tuya's smart-lock user management, without Home Assistant."""
