"""Documents made to do harm: small files that claim, repeat, nest, swell or lead elsewhere."""
