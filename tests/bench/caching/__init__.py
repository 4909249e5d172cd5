"""Sessions replayed against Anthropic's rules of prompt caching, to see what anchors cost and save."""
