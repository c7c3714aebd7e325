"""What happens between an adapter and the store: connecting, syncing, reconciling, keeping tokens."""
