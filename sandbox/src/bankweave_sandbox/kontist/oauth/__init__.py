"""OAuth: the clients that are registered, the tokens they get, and the endpoint that gives them."""
