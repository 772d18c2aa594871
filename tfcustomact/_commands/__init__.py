"""The commands of ``python -m tfcustomact``, and the parts that they share."""
