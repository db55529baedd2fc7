"""Everything between a file and its typed Parquet row; knows nothing of Prefect."""
