"""The commands of ``python -m tfcustomact``, a module each: ``info``, ``check`` and ``bench``.

The benchmark has six words:

case
    What is computed: an activation, forward, backward or both, in a mode, of a dtype and size, on a device (`cases`).
contestant
    Who computes it: a backend of ours, ``tf.nn.relu``, PyTorch, ... (`timing.contestants`; their calls: `tensors`,
    `arrays`). A contestant in a case is an entry.
measurement
    The seconds that an entry took, in rounds in which it took turns with others (`timing.measurement`).
comparison
    The ratios of ours, what TensorFlow offers and ReLU, by size (`timing.comparison`): what the main job
    (`timing.short`) finds. Its table is in `results.report`, its sentences in `results.verdict`, its plots in
    `results.plots`.
promise
    A limit for the ratio of two entries' seconds, and what was found of it (`timing.promises`).
record
    What a run leaves: a JSON file that later runs are compared with (`results.record`), and for each kind of processor
    a small one, with README's tables and plots of it (`results.processors`).

What all commands know of the machine is in `machine`, how they print in `console`. Beside the times, `errors` has where
results are wrong by how much, and `timing.models` the times of whole models.
"""
