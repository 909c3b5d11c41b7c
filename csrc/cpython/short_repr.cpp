#include "cpython/short_repr.h"

#include "cpython/containers.h"
#include "cpython/guards.h"

namespace leafwise {
namespace {

constexpr int kMaxDepth = 6;
constexpr Py_ssize_t kMaxItems = 60;

class ShortRepr {
 public:
  explicit ShortRepr(Py_ssize_t max_chars) : remaining_(max_chars) {}

  void write(PyObject* object, int depth) {
    const bool is_list = PyList_CheckExact(object), is_tuple = PyTuple_CheckExact(object);
    if (is_list || is_tuple) {
      write_sequence(object, depth, is_list ? "[" : "(", is_list ? "]" : ")");
    } else if (PyDict_CheckExact(object)) {
      write_dict(object, depth);
    } else {
      write_other(object);
    }
  }

  Ref join() const { return text_.join(); }

 private:
  void write_text(const char* text) { add(checked(PyUnicode_FromString(text))); }

  void write_sequence(PyObject* object, int depth, const char* opening, const char* closing) {
    const Refs items = snapshot_sequence(object);
    write_text(opening);
    if (depth >= kMaxDepth && !items.empty()) {
      write_text("...");
    } else {
      for (size_t i = 0; i < items.size() && more(i); ++i) write(items[i].get(), depth + 1);
      if (items.size() == 1 && PyTuple_CheckExact(object)) write_text(",");
    }
    write_text(closing);
  }

  void write_dict(PyObject* object, int depth) {
    Refs keys, values;
    read_items(object, keys, values);
    write_text("{");
    if (depth >= kMaxDepth && !keys.empty()) {
      write_text("...");
    } else {
      for (size_t i = 0; i < keys.size() && more(i); ++i) {
        write(keys[i].get(), depth + 1);
        write_text(": ");
        write(values[i].get(), depth + 1);
      }
    }
    write_text("}");
  }

  static void read_items(PyObject* dict, Refs& keys, Refs& values) {
    const ContainerLock lock(dict);
    PyObject *key, *value;
    for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value) != 0;) {
      keys.push_back(Ref::borrow(key));
      values.push_back(Ref::borrow(value));
      if (keys.size() > static_cast<size_t>(kMaxItems)) break;
    }
  }

  // Writes what stands before item `index`; false when the rest is left out.
  bool more(size_t index) {
    if (index > 0) write_text(", ");
    if (remaining_ > 0 && index < static_cast<size_t>(kMaxItems)) return true;
    write_text("...");
    return false;
  }

  void write_other(PyObject* object) {
    Ref repr = Ref::steal(PyObject_Repr(object));
    if (!repr) {
      if (!is_ordinary_error()) throw PythonError{};
      PyObject *type, *error, *traceback;
      PyErr_Fetch(&type, &error, &traceback);
      const Ref owned_type = Ref::steal(type), owned_error = Ref::steal(error), owned_traceback = Ref::steal(traceback);
      repr = format_text("<%U object (its repr raised %U)>", short_type_name(Py_TYPE(object)).get(),
                         short_type_name(reinterpret_cast<PyTypeObject*>(type)).get());
    }
    add(std::move(repr));
  }

  void add(Ref text) {
    const Py_ssize_t length = PyUnicode_GET_LENGTH(text.get());
    // Brackets and the like are always written, so that what is open gets closed.
    if (length > remaining_ && length > 4) {
      const Ref head = checked(PyUnicode_Substring(text.get(), 0, remaining_ > 0 ? remaining_ : 0));
      text = format_text("%U...", head.get());
    }
    remaining_ -= length;
    text_.add(text.get());
  }

  TextBuilder text_;
  Py_ssize_t remaining_;
};

}  // namespace

Ref short_repr(PyObject* object, Py_ssize_t max_chars) {
  ShortRepr printer(max_chars);
  printer.write(object, 0);
  return printer.join();
}

}  // namespace leafwise
