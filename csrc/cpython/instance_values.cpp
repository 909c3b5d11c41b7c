#include "cpython/instance_values.h"

namespace leafwise {
namespace {

#ifdef LEAFWISE_INSTANCE_VALUES

bool is_usable = false;

// The keys that all objects of a class share. The entries only ever get more, so a place once found stays.
struct SharedKeys {
  Py_ssize_t reference_count;
  std::uint8_t log2_size;
  std::uint8_t log2_index_bytes;
  std::uint8_t kind;
  std::uint32_t version;
  Py_ssize_t usable;
  Py_ssize_t num_entries;
  char indices[1];

  struct Entry {
    PyObject* key;
    PyObject* value;
  };
  const Entry* entries() const noexcept {
    return reinterpret_cast<const Entry*>(indices + (size_t{1} << log2_index_bytes));
  }
};
constexpr std::uint8_t kSplitKind = 2;

// Reads and makes objects of a small class, and compares with what Python says of them.
bool works() {
  const Ref globals = checked(PyDict_New());
  check_status(PyDict_SetItemString(globals.get(), "__builtins__", PyEval_GetBuiltins()));
  const Ref done =
      checked(PyRun_String("class Tried:\n"
                           "  def __init__(self, *values):\n"
                           "    self.first, self.second, self.third = values\n"
                           "tried = Tried('1', '2', '3')\n",
                           Py_file_input, globals.get(), globals.get()));
  auto* type = reinterpret_cast<PyTypeObject*>(PyDict_GetItemString(globals.get(), "Tried"));
  PyObject* tried = PyDict_GetItemString(globals.get(), "tried");
  PyObject** values = instance_values(tried);
  const Ref made = new_instance(type);
  PyObject** made_values = instance_values(made.get());
  if (values == nullptr || made_values == nullptr) return false;
  for (const char* name : {"second", "first", "third"}) {
    const Ref interned = checked(PyUnicode_InternFromString(name));
    const Py_ssize_t place = place_in_instance_values(type, interned.get());
    if (place < 0 || place > 2) return false;
    const Ref value = checked(PyObject_GetAttr(tried, interned.get()));
    if (values[place] != value.get() || made_values[place] != nullptr) return false;
    set_instance_value(made_values, place, value);
  }
  check_status(PyDict_SetItemString(globals.get(), "made", made.get()));
  const Ref same = checked(PyRun_String("list(vars(made).items()) == [('second', '2'), ('first', '1'), ('third', '3')]",
                                        Py_eval_input, globals.get(), globals.get()));
  // Its attributes are in a dict now. The array may still be what that dict keeps them in.
  values = instance_values(made.get());
  const Ref name = checked(PyUnicode_InternFromString("first"));
  Py_ssize_t position = 0;
  PyObject* found = values != nullptr ? values[place_in_instance_values(type, name.get())]
                                      : find_in_instance_dict(made.get(), name.get(), position);
  const Ref first = checked(PyObject_GetAttr(tried, name.get()));
  return same.get() == Py_True && found == first.get();
}

#endif

}  // namespace

#ifdef LEAFWISE_INSTANCE_VALUES

void init_instance_values() { is_usable = works(); }

bool can_read_attributes() noexcept { return is_usable; }

Py_ssize_t place_in_instance_values(PyTypeObject* type, PyObject* name) noexcept {
  if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) return -1;
  const auto* keys = reinterpret_cast<const SharedKeys*>(reinterpret_cast<PyHeapTypeObject*>(type)->ht_cached_keys);
  if (keys == nullptr || keys->kind != kSplitKind) return -1;
  for (Py_ssize_t i = 0; i < keys->num_entries; ++i) {
    if (keys->entries()[i].key == name) return i;
  }
  return -1;
}

#else

void init_instance_values() {}

bool can_read_attributes() noexcept { return PY_VERSION_HEX < 0x030B0000; }

Py_ssize_t place_in_instance_values(PyTypeObject*, PyObject*) noexcept { return -1; }

#endif

Ref new_instance(PyTypeObject* type) {
  static PyObject* const no_arguments = checked(PyTuple_New(0)).release();
  return checked(PyBaseObject_Type.tp_new(type, no_arguments, nullptr));
}

PyObject* find_in_instance_dict(PyObject* object, PyObject* name, Py_ssize_t& position) noexcept {
  PyObject** dict = _PyObject_GetDictPtr(object);
  if (dict == nullptr || *dict == nullptr) return nullptr;
  PyObject *key, *value;
  Py_ssize_t next = position;
  if (PyDict_Next(*dict, &next, &key, &value) != 0 && key == name) return value;
  for (position = next = 0; PyDict_Next(*dict, &next, &key, &value) != 0; position = next) {
    if (key == name) return value;
  }
  position = 0;
  return nullptr;
}

}  // namespace leafwise
