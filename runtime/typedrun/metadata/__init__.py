"""What is known of a model without running it: its description, how it shows itself, how it is looked up, where its class is out of date."""
