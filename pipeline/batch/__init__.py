"""The batch road: requests as lines of datasets, worked by jobs at the service, answers as rows of files."""
