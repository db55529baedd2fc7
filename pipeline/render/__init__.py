"""Pages as images: how large, how drawn, how encoded, and by which processes."""
