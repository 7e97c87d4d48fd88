"""Load tests of the three paths to a prediction: one k6 script a path, the same profiles and texts, one comparison."""
