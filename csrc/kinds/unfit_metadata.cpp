#include "kinds/unfit_metadata.h"

#include "cpython/special_methods.h"
#include "cpython/text.h"
#include "cpython/warnings.h"
#include "kinds/registration.h"

namespace leafwise {
namespace {

// Known by these two: its == gives an array, whether it has a hash or not.
bool is_array(PyTypeObject* type) {
  const PyMappingMethods* mapping = type->tp_as_mapping;
  return mapping != nullptr && mapping->mp_ass_subscript != nullptr && special_method(type, names().dunder_array);
}

// What is wrong with such metadata, or null.
const char* unfitness(PyTypeObject* type) {
  if (is_array(type)) return "is an array";
  return type->tp_hash == PyObject_HashNotImplemented ? "cannot be hashed" : nullptr;
}

}  // namespace

void warn_of_unfit_metadata(const Node& node) {
  const Registration& registration = node.custom();
  for (Py_ssize_t i = 0; !registration.has_warned && i < PyTuple_GET_SIZE(node.data.get()); ++i) {
    PyObject* value = PyTuple_GET_ITEM(node.data.get(), i);
    const Ref owned_type = Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(value)));
    auto* type = reinterpret_cast<PyTypeObject*>(owned_type.get());
    const char* reason = unfitness(type);
    if (reason == nullptr) continue;
    registration.has_warned = true;
    warn(PyExc_UserWarning,
         format_text("The field %R of %R is metadata, a part of the treedef that is compared, but its "
                     "value, of type %U, %s. Make it a "
                     "data field, or keep what has a hash in it, such as a tuple.",
                     PyTuple_GET_ITEM(registration.meta_fields.get(), i), registration.type.get(),
                     short_type_name(type).get(), reason));
  }
}

}  // namespace leafwise
