"""Load tests of the paths to a prediction: one k6 script a path, the same profiles and texts, one comparison, one report."""
