"""What is known of a model without running it: its description, how it is looked up, and where its class is out of date."""
