"""The words of messages: ours, a brand's own versions of them, and the names that are filled in."""
