// The sources of a registry: registries of other libraries, whose classes it takes over.
//
// A source is a dict that belongs to somebody else, of which only the length is looked at, and a callable, its sync. When
// the length is another one than at the last sync, something was registered there or taken back; then sync is called,
// which compares, and registers and unregisters here. So a call costs one comparison of lengths for each source, and
// nodes cost nothing.
//
// Known limit: a dict in which one class took the place of another has the same length as before, and is not looked at
// before its length changes.
#pragma once

#include "cpython/containers.h"

#include <memory>

namespace leafwise {

class Sources {
 public:
  void add(Ref dict, Ref sync);
  // Calls the sync of each source that has changed: runs Python code. What sync raises is thrown, and it is called again
  // by the next refresh.
  void refresh() const {
    if (!sources_.empty()) refresh_changed();
  }

  int traverse(visitproc visit, void* arg) const;
  void clear() noexcept { const auto dropped = std::exchange(sources_, {}); }

 private:
  struct Source {
    Ref dict;
    Ref sync;
    Py_ssize_t seen_length = -1;       // as it was when the last successful sync began
    unsigned long syncing_thread = 0;  // the thread that called sync last and has not come back from it, or 0
  };

  void refresh_changed() const;

  std::vector<std::shared_ptr<Source>> sources_;  // shared with a refresh that is under way
};

}  // namespace leafwise
