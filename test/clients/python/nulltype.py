"""What the generated models take of the package nulltype, which Debian does not have: the value of what is not given."""

Null = object()
