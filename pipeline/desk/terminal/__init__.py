"""How the verbs look in a terminal: one module for each group of verbs, as pipeline/cli has them."""
