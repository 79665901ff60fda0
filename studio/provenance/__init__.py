"""What a picture carries about its making: recipe, marks, signature, and how to read them."""
