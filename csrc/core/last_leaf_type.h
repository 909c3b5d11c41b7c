// The type of the leaf that a walk came by last: most leaves are of the type of the leaf before them.
#pragma once

#include "core/registry.h"

namespace leafwise {

class LastLeafType {
 public:
  // The type, if its objects are leaves still; else null.
  PyTypeObject* current() const noexcept {
    const bool is_unchanged = type_ != nullptr && type_->tp_version_tag == tag_ && Registry::version() == version_;
    return is_unchanged ? type_ : nullptr;
  }
  bool is_of(PyObject* object) const noexcept { return Py_TYPE(object) == type_ && current() != nullptr; }

  // Of a leaf by its type. Dropping the type that was remembered before may run Python code.
  void remember(PyObject* leaf) {
    PyTypeObject* type = Py_TYPE(leaf);
    if (leaf == Py_None || type->tp_version_tag == 0) return;  // None is a leaf by option; the other may change unseen
    type_ = type;
    tag_ = type->tp_version_tag;
    version_ = Registry::version();
    owner_ = Ref::borrow(reinterpret_cast<PyObject*>(type));
  }

  int traverse(visitproc visit, void* arg) const { return visit_ref(owner_, visit, arg); }

 private:
  PyTypeObject* type_ = nullptr;
  Ref owner_;  // so that no other type gets its address
  unsigned tag_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace leafwise
