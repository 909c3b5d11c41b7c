#include "core/placing.h"

#include "core/paths.h"
#include "kinds/mismatch.h"

namespace leafwise {

void throw_placed(PyObject* object, const std::function<Ref()>& find_path) {
  if (!is_ordinary_error()) throw PythonError{};  // that memory ran out, while the text was made
  SetAsideError error;
  try {
    const Ref where = find_path ? locate(find_path().get()) : format_text("a node of the tree");
    error.add_text(format_text("\n\nAt %U: %U.", where.get(), describe(object).get()).get());
  } catch (const PythonError&) {
    if (!is_ordinary_error()) throw;
    PyErr_Clear();  // an error of user code that names the place; what is wrong is true without it
  }
  error.set_again();
  throw PythonError{};
}

}  // namespace leafwise
