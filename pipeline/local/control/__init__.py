"""The control plane of the embedded server: accounts, datasets, batch jobs, and what was used."""
