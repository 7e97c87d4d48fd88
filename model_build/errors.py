"""The one error that a user of the model build sees."""


class BuildError(Exception):
    """Something that the user can mend, said in one sentence that names the remedy.

    Commands print the sentence to standard error and exit with 1; they never print a traceback for it.
    """
