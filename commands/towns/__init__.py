"""Towns: their grids, members, posts and departments, which the administrator keeps."""
