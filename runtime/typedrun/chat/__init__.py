"""Language models under the older surface, whichever client runs them: what they are asked, and how they answer."""
