"""`make bench`: what the pipeline costs, beside others that do a part of it, in the same sitting.

Figures of one machine mean little; the ratios do.
"""
