"""What a lake holds, for other tools: tables in other formats, datasets to train with."""
