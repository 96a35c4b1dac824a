"""Messages leave: asked whether they may, sent by a provider or another channel, and what became of each."""
