"""Bounds on the input: every limit that keeps time and memory small whatever the text.

Each is far beyond what a network needs, and each has a diagnostic that names what is too much and where.
"""

from __future__ import annotations

# --- files --------------------------------------------------------------------------------------------------

FILE_BYTES = 1_000_000  # of one `.nas` file
JSON_BYTES = 10_000_000  # of a genotype, or of a JSON file in a run folder
USED_FILES = 64  # that one file uses, directly or through others
TOTAL_CHARACTERS = 2_000_000  # of a file and of all it uses

# --- text ---------------------------------------------------------------------------------------------------

TOKENS = 50_000  # names, numbers, signs and lines of one file
TOKEN_LENGTH = 255  # characters of a name, a number or a quoted text
REPARSED_TOKENS = 200_000  # that error recovery parses again, in one definition
BRACKETS = 64  # depth of nesting
EXPRESSIONS = 120  # depth of nesting; a pipe counts once, however long
DERIVATIONS = 100  # of a space, a method or a profile, each from the one before
REPORTED = 20  # characters without a meaning, or broken lines of one definition, reported one by one
UNKNOWN_NAMES = 100  # that are reported one by one
NAMES_COMPARED = 500  # at most, for a "did you mean"
OPTION_TEXT = 500  # characters of an option written in place in a `choose`: its text is its name
MESSAGE = 2_000  # characters of a message, or of its help
LINE_SHOWN = 240  # characters of a line of text under a message

# --- values -------------------------------------------------------------------------------------------------

NUMBER = 1e15  # beyond about this floats cannot hold whole numbers exactly
SIZE = 100_000  # of a kernel, a stride, a number of bands, a parameter of a space
CHANNELS = 10 * SIZE  # of a tensor, as written in a text
COEFFICIENT = 10**12  # of a symbol in a number of channels or a size
ROUNDINGS = 32  # nested in one symbolic size: `⌈(⌈(T - 2)/2⌉ - 2)/2⌉`
PARTS = 256  # of one value: numbers in parentheses, options, arguments
TRIALS = 1_000  # of one sweep: searches and retrainings
DECIDED = 1_000  # genotypes that `rerank` judges, steps that it trains each, or steps that `perturb` tunes
THREADS = 4_096  # of a run that goes on, as its folder says

# --- spaces -------------------------------------------------------------------------------------------------

FRONT_ENDS = 64  # between which a space chooses
OPTIONS = 256  # of one choice point, or candidates of one set
NODES = 64  # of one array
ARRIVALS = 128  # values that an edge of one cell may come from
STRIDE = 16  # of a cell
REPEATS = 1000  # of `count times stage`
DISCRIMINATOR = 16_384  # units of all layers of a discriminator
OPERATIONS = 32  # depth of nesting
APPLICATIONS = 20_000  # of operations in one space
CHECKED_APPLICATIONS = 60_000  # of operations in all spaces of a file
REPEATED = 0.2  # the share of an application that a repetition, or a candidate whose type is known, counts
CALLS = 256  # ways to call cells, where choices decide which; beyond it the best are kept
STEPS = 2_000_000  # of the dynamic program over genotypes; beyond it the best of each choice point are kept
ORDERS = 720  # of the nodes of a cell that may be its smallest; beyond it the first are kept
MISSES = 20_000  # networks in a row that do not keep to what is required, before the search for one ends
DRAWS = 200  # to find a network that is new, or a cell whose nodes are all read
STATES = 4096  # of the dynamic programs over genotypes; beyond it the best are kept
PATHS = 64  # that one batch of a sampled supernet trains; fairness then takes several batches
