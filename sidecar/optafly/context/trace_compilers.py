"""What compilers and type checkers print: one line for each problem, with source, notes and counts around it."""

import re
from typing import Final, NamedTuple

from optafly.context.trace_text import FENCE, NUMBER, Block, Frame, Lines, Span, frame, indent
