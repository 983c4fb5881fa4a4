"""Helpers of the config flow: its forms, and the project behind them."""
