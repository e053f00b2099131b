"""fal: its wire, its queue, its documents. What stands here is known before there is a client, and costs next to nothing."""
