"""The local model of tests that are not about it."""

from typing import Final

# It is in the development set-up as it is; the default is made of it where it is missing, which takes seconds and
# 145 MB in every new home.
SMALL_MODEL: Final = {"OPTAFLY_MODEL": "smollm2-135m"}
