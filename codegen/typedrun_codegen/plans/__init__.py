"""What the files will say: names chosen, order fixed, text encoded. Pure; templates print what stands here."""
