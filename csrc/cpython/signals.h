// The handlers of signals, Ctrl-C's before all, for loops in C++ that may go on for ever.
#pragma once

#include "cpython/error.h"

namespace leafwise {

class SignalCheck {
 public:
  // To be called once a round. Now and then it runs the handlers of the signals that came, so Python code, and throws what
  // they raise.
  void count_round() {
    if (++rounds_ % 65536 == 0) check_status(PyErr_CheckSignals());
  }

 private:
  size_t rounds_ = 0;
};

}  // namespace leafwise
