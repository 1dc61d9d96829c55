"""The smallest program for each framework that converses over this machine's sound card."""
