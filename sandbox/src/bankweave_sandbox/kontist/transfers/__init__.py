"""Transfers and orders: asked for, confirmed, carried out, changed; and whom they go to."""
