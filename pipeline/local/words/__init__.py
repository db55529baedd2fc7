"""What words, numbers and dates on paper mean."""
