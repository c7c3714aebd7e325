"""An account's transactions: listed, filtered, paged, categorised, told of as they come, given back."""
