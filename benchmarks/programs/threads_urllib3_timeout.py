"""The same with a limit on every wait, as typedrun has: Python then asks before each read whether there is something."""

from threads_urllib3 import main

main(timeout=30)
