"""`python -m docpipe` is the command line."""

from docpipe.cli import main

main()
