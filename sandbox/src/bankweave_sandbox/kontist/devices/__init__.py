"""People's phones: pushes, bound devices and their signatures, SMS, and what waits for any of them."""
