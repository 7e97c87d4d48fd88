"""What the stack costs a month while nobody uses it, counted from the resources that the program itself registers."""
