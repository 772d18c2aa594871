"""Whole Keras models: their activations replaced by ours, and ours by Keras' own."""
