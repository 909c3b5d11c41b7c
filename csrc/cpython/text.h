// Making Python strings.
#pragma once

#include "cpython/error.h"

namespace leafwise {

// A str made as by PyUnicode_FromFormat. Formats with %R and %S run Python code.
Ref format_text(const char* format, ...);

// The name of a type, a str, without its module, which only the names of types made in C have. Runs no Python code. A
// copy, because user code may rename the type at any time.
Ref short_type_name(const PyTypeObject* type);

// Collects pieces and joins them once. Kept as Python strings, because a piece may hold what UTF-8 can't: lone surrogates.
class TextBuilder {
 public:
  TextBuilder() : pieces_(checked(PyList_New(0))) {}
  void add(PyObject* text) { check_status(PyList_Append(pieces_.get(), text)); }
  void add(const char* text) { add(checked(PyUnicode_FromString(text)).get()); }
  void add_repr(PyObject* object) { add(checked(PyObject_Repr(object)).get()); }
  Ref join() const;

 private:
  Ref pieces_;
};

}  // namespace leafwise
