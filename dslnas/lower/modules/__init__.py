"""The torch modules and kernels that the primitives of networks are lowered to, real and complex."""
