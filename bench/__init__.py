"""The benchmark of leafwise, run from the project folder as `python -m bench`.

It times leafwise against `leafwise.reference` and, on request, against other tree libraries.
Every answer is compared before the clock starts, and the rows that leafwise loses are shown.
"""
