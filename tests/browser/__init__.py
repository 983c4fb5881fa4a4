"""The panel and the card in Chromium; `scripts/browser` runs this."""
