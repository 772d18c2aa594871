"""The commands of ``python -m tfcustomact``, a module each: ``info``, ``check`` and ``bench``.

The benchmark has five words:

case
    What is computed: an activation, forward, backward or both, in a mode, of a dtype and size, on a device (`cases`).
contestant
    Who computes it: a backend of ours, ``tf.nn.relu``, PyTorch, ... (`contestants`; their calls: `tensors`, `arrays`).
    A contestant in a case is an entry.
measurement
    The seconds that an entry took, in rounds in which it took turns with others (`measurement`).
promise
    A limit for the ratio of two entries' seconds, and what was found of it (`promises`).
record
    What a run leaves: a JSON file that later runs are compared with (`record`), and for each kind of processor a small
    one of the promised ratios, with README's tables of them (`processors`).

What all commands know of the machine is in `machine`, how they print in `console`, the benchmark's tables and plot in
`report`.
"""
