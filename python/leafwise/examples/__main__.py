"""Say which examples there are."""

from inspect import getdoc

from leafwise import examples

print(getdoc(examples))
