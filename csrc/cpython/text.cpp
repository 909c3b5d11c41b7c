#include "cpython/text.h"

#include <cstdarg>
#include <cstring>

namespace leafwise {

Ref format_text(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyObject* text = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  return checked(text);
}

Ref short_type_name(const PyTypeObject* type) {
  const char* dot = std::strrchr(type->tp_name, '.');
  return checked(PyUnicode_FromString(dot == nullptr ? type->tp_name : dot + 1));
}

Ref TextBuilder::join() const {
  const Ref nothing = checked(PyUnicode_FromString(""));
  return checked(PyUnicode_Join(nothing.get(), pieces_.get()));
}

}  // namespace leafwise
