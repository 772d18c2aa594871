"""The commands of ``python -m tfcustomact``, a module each: ``info``, ``check`` and ``bench``.

The benchmark has six words:

case
    What is computed: an activation, forward, backward or both, in a mode, of a dtype and size, on a device (`cases`).
contestant
    Who computes it: a backend of ours, ``tf.nn.relu``, PyTorch, ... (`contestants`; their calls: `tensors`, `arrays`).
    A contestant in a case is an entry.
measurement
    The seconds that an entry took, in rounds in which it took turns with others (`measurement`).
comparison
    The ratios of ours, what TensorFlow offers and ReLU, by size (`comparison`): what the main job (`short`) finds. Its
    table is in `report`, its sentences in `verdict`, its plots in `plots`.
promise
    A limit for the ratio of two entries' seconds, and what was found of it (`promises`).
record
    What a run leaves: a JSON file that later runs are compared with (`record`), and for each kind of processor a small
    one, with README's tables and plots of it (`processors`).

What all commands know of the machine is in `machine`, how they print in `console`. Beside the times, `errors` has where
results are wrong by how much, and `models` the times of whole models.
"""
