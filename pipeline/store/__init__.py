"""The lake on disk: tables, part files, the crash net, and what is already done."""
