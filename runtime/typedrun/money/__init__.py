"""What runs cost: before they start and by what they answer, held against budgets and written to a ledger."""
