#include "core/sources.h"

namespace leafwise {
namespace {

// Marks a source as being synced by this thread; threads that sync it at the same time take the mark from each other.
class Syncing {
 public:
  Syncing(unsigned long& mark, unsigned long this_thread) : mark_(mark), this_thread_(this_thread) {
    mark_ = this_thread;
  }
  ~Syncing() {
    if (mark_ == this_thread_) mark_ = 0;
  }
  Syncing(const Syncing&) = delete;
  Syncing& operator=(const Syncing&) = delete;

 private:
  unsigned long& mark_;
  const unsigned long this_thread_;
};

}  // namespace

void Sources::add(Ref dict, Ref sync) {
  auto source = std::make_shared<Source>();
  source->dict = std::move(dict);
  source->sync = std::move(sync);
  sources_.push_back(std::move(source));
}

void Sources::refresh_changed() const {
  // By index, and with a share in the source: sync may add sources.
  for (size_t i = 0; i < sources_.size(); ++i) {
    const std::shared_ptr<Source> source = sources_[i];
    const Py_ssize_t length = PyDict_GET_SIZE(source->dict.get());
    if (length == source->seen_length) continue;
    // What sync calls itself finds the registry as it is. Another thread calls sync, too: going on it could miss a class
    // that it has registered with the other library itself. Whether it waits there for the first is up to sync.
    const unsigned long this_thread = PyThread_get_thread_ident();
    if (source->syncing_thread == this_thread) continue;
    const Syncing syncing(source->syncing_thread, this_thread);
    checked(PyObject_CallNoArgs(source->sync.get()));
    source->seen_length = length;
  }
}

int Sources::traverse(visitproc visit, void* arg) const {
  for (const std::shared_ptr<Source>& source : sources_) {
    if (const int stop = visit_ref(source->dict, visit, arg)) return stop;
    if (const int stop = visit_ref(source->sync, visit, arg)) return stop;
  }
  return 0;
}

}  // namespace leafwise
