"""Takes the process that imports it out of its process group.

The server that forks the render workers imports it before anything else, and the workers inherit it: a signal
to the command's whole group, as a terminal or a service manager sends it, is the command's to act on. A
worker that dies of it in mid-task can take the pool's lock along, and the clean stop would wait for the lock.
"""

import os

os.setpgid(0, 0)
