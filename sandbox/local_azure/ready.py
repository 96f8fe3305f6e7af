"""Where a local Azure says that it answers, and at which addresses: known to it and to who starts it."""

READY = "ready.json"
