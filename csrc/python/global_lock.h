// Work without Python's global lock.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

namespace tfcustomact::python {

// Runs `work`, which must not throw, while other Python threads run.
//
// From Python 3.10 to 3.13, taking the lock back ends a daemon thread by pthread_exit when the interpreter is shutting
// down. That unwinds the stack like an exception: through destructors, which would release Python's objects without the
// lock, and in pybind11::gil_scoped_release out of one, which terminates the process. Such a thread waits here for the
// end of the process instead, as Python 3.14 lets it.
template <class Work>
void WithoutGlobalLock(const Work& work) {
  static_assert(noexcept(work()));
  PyThreadState* const state = PyEval_SaveThread();
  work();
  try {
    PyEval_RestoreThread(state);
  } catch (...) {
    for (;;) pause();
  }
}

}  // namespace tfcustomact::python
