"""Writers of the files that publishers give out, from values to bytes."""
