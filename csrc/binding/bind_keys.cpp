// SequenceKey, DictKey, GetAttrKey, FlattenedIndexKey as Python types.
#include "binding/bindings.h"

#include "cpython/attributes.h"
#include "cpython/guards.h"
#include "cpython/short_repr.h"
#include "kinds/key_entries.h"

#include <climits>
#include <cstddef>
#include <string>

#include <structmember.h>

namespace leafwise {
namespace {

// What is different between the four.
struct KeyEntryTraits {
  const char* name;       // of the type
  const char* attribute;  // the name of its value
  const char* str_head;   // str(): head, repr or str of the value, tail
  const char* str_tail;
  long hash_offset;
  const char* attribute_doc;
  const char* doc;

  const char* class_name() const noexcept { return name + sizeof("leafwise.") - 1; }
};

constexpr KeyEntryTraits kTraits[kNumKeyEntryClasses] = {
    {"leafwise.SequenceKey", "idx", "[", "]", 1, "The index of the item.",
     R"(SequenceKey(idx)
--

The step of a key path into an item of a list or tuple.

Args:
    idx: The index of the item, an int.

Raises:
    TypeError: `idx` is no int of 32 bits.

Example:
    >>> import leafwise
    >>> str(leafwise.SequenceKey(1))
    '[1]'
)"},
    {"leafwise.DictKey", "key", "[", "]", 0, "The key of the value.",
     R"(DictKey(key)
--

The step of a key path to a value of a dict, OrderedDict or defaultdict.

Args:
    key: The key of the value, any hashable object.

Example:
    >>> import leafwise
    >>> str(leafwise.DictKey('foo'))
    "['foo']"
)"},
    {"leafwise.GetAttrKey", "name", ".", "", 0, "The name of the attribute.",
     R"(GetAttrKey(name)
--

The step of a key path to an attribute of a named tuple or dataclass.

Args:
    name: The name of the attribute, a str.

Raises:
    TypeError: `name` is no str.

Example:
    >>> import leafwise
    >>> str(leafwise.GetAttrKey('bar'))
    '.bar'
)"},
    {"leafwise.FlattenedIndexKey", "key", "[<flat index ", ">]", 42, "The number of the child.",
     R"(FlattenedIndexKey(key)
--

The step of a key path to a child of a registered class that does not name its children.

Args:
    key: The number of the child, an int.

Raises:
    TypeError: `key` is no int of 32 bits.

Example:
    >>> import leafwise
    >>> str(leafwise.FlattenedIndexKey(1))
    '[<flat index 1>]'
)"},
};

PyObject* value_of(PyObject* self) { return reinterpret_cast<KeyEntry*>(self)->value.get(); }

template <KeyEntryClass key_class>
struct KeyEntryType {
  static constexpr const KeyEntryTraits& traits = kTraits[static_cast<int>(key_class)];
  static PyTypeObject* type() { return key_entry_type(key_class); }

  // The value as it is kept: an int of C's range for indices, a str for names, anything for dict keys.
  static Ref checked_value(PyObject* value) {
    const char* type_name = traits.class_name();
    if constexpr (key_class == KeyEntryClass::kDict) return Ref::borrow(value);
    if constexpr (key_class == KeyEntryClass::kGetAttr) {
      if (PyUnicode_Check(value)) return Ref::borrow(value);
      throw_error(PyExc_TypeError, "%s: name must be a str, got %U", type_name, short_repr(value).get());
    }
    const Ref index = Ref::steal(PyIndex_Check(value) ? PyNumber_Index(value) : nullptr);
    if (index) {
      int overflow = 0;
      const long number = PyLong_AsLongAndOverflow(index.get(), &overflow);
      if (overflow == 0 && number >= INT_MIN && number <= INT_MAX) return checked(PyLong_FromLong(number));
    }
    if (PyErr_Occurred() != nullptr) throw PythonError{};
    throw_error(PyExc_TypeError, "%s: %s must be an int of 32 bits, got %U", type_name, traits.attribute,
                short_repr(value).get());
  }

  static PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
    return guarded([&] {
      const char* keywords[] = {traits.attribute, nullptr};
      const std::string format = std::string("O:") + traits.class_name();
      PyObject* value = nullptr;
      if (PyArg_ParseTupleAndKeywords(args, kwargs, format.c_str(), const_cast<char**>(keywords), &value) == 0)
        throw PythonError{};
      return make(type, value);
    });
  }
  static Ref make(PyTypeObject* type, PyObject* value) {
    Ref kept = checked_value(value);
    Ref self = make_heap_object<KeyEntry>(type);
    reinterpret_cast<KeyEntry*>(self.get())->value = std::move(kept);
    track_key_entry(self.get(), key_class);
    return self;
  }

  // What calling the type does, three times as fast where there is one argument and no keyword: functions that flatten
  // with keys make such objects all the time. Subclasses don't inherit it.
  static PyObject* call(PyObject* self, PyObject* const* args, size_t num_args, PyObject* keyword_names) {
    if (PyVectorcall_NARGS(num_args) == 1 && keyword_names == nullptr) {
      return guarded([&] { return make(type(), args[0]); });
    }
    return guarded([&] {
      const Ref arguments = tuple_from(Items(args), PyVectorcall_NARGS(num_args));
      const Ref keywords = checked(PyDict_New());
      for (Py_ssize_t i = 0; keyword_names != nullptr && i < PyTuple_GET_SIZE(keyword_names); ++i) {
        check_status(
            PyDict_SetItem(keywords.get(), PyTuple_GET_ITEM(keyword_names, i), args[PyVectorcall_NARGS(num_args) + i]));
      }
      return checked(create(reinterpret_cast<PyTypeObject*>(self), arguments.get(), keywords.get()));
    });
  }

  static PyObject* str(PyObject* self) {
    return guarded([&] {
      const RecursionGuard guard(" in str of a key entry");
      if constexpr (key_class == KeyEntryClass::kGetAttr) return format_text(".%U", value_of(self));
      return format_text("%s%R%s", traits.str_head, value_of(self), traits.str_tail);
    });
  }

  static PyObject* repr(PyObject* self) {
    return guarded([&] {
      const ReprGuard guard(self);
      if (guard.already_printing()) return format_text("...");
      const Ref name = short_type_name(Py_TYPE(self));
      if constexpr (key_class == KeyEntryClass::kGetAttr) {
        return format_text("%U(%s='%U')", name.get(), traits.attribute, value_of(self));  // JAX: raw, not a repr
      }
      return format_text("%U(%s=%R)", name.get(), traits.attribute, value_of(self));
    });
  }

  static Py_hash_t hash(PyObject* self) {
    return guarded(Py_hash_t{-1}, [&] {
      const RecursionGuard guard(" in hash of a key entry");
      const Py_hash_t value_hash = PyObject_Hash(value_of(self));
      if (value_hash == -1) throw PythonError{};
      const Py_hash_t result = value_hash + traits.hash_offset;
      return result == -1 ? Py_hash_t{-2} : result;
    });
  }

  static PyObject* compare(PyObject* self, PyObject* other, int operation) {
    if ((operation != Py_EQ && operation != Py_NE) || PyObject_TypeCheck(other, type()) == 0) Py_RETURN_NOTIMPLEMENTED;
    return guarded([&] {
      const RecursionGuard guard(" in comparison of key entries");
      const bool equal = check_bool(PyObject_RichCompareBool(value_of(self), value_of(other), Py_EQ));
      return Ref::borrow(equal == (operation == Py_EQ) ? Py_True : Py_False);
    });
  }

  static PyObject* reduce(PyObject* self, PyObject*) {
    return guarded([&] {
      const Ref attributes = optional_attribute(self, names().dunder_dict);  // of a subclass
      Refs parts = {Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(self))), tuple_from({Ref::borrow(value_of(self))})};
      if (attributes) parts.push_back(attributes);
      return tuple_from(std::move(parts));
    });
  }

  static int traverse(PyObject* self, visitproc visit, void* arg) {
    if (const int stop = visit_ref(reinterpret_cast<KeyEntry*>(self)->value, visit, arg)) return stop;
    return visit_type(self, visit, arg);
  }

  static void bind(PyObject* module) {
    static PyMemberDef members[] = {
        {traits.attribute, T_OBJECT_EX, offsetof(KeyEntry, value), READONLY, traits.attribute_doc},
        {nullptr, 0, 0, 0, nullptr},
    };
    static PyMethodDef methods[] = {
        {"__reduce__", reduce, METH_NOARGS, nullptr},
        {nullptr, nullptr, 0, nullptr},
    };
    static PyType_Slot slots[] = {
        {Py_tp_doc, const_cast<char*>(traits.doc)},
        {Py_tp_new, reinterpret_cast<void*>(create)},
        {Py_tp_dealloc, reinterpret_cast<void*>(dealloc_heap_object<KeyEntry>)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_str, reinterpret_cast<void*>(str)},
        {Py_tp_repr, reinterpret_cast<void*>(repr)},
        {Py_tp_hash, reinterpret_cast<void*>(hash)},
        {Py_tp_richcompare, reinterpret_cast<void*>(compare)},
        {Py_tp_members, members},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    static PyType_Spec spec = {traits.name, sizeof(KeyEntry), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
    if (type() == nullptr) {
      key_entry_type(key_class) = make_heap_type(spec);
      type()->tp_vectorcall = call;
      const Ref match_args = tuple_from({checked(PyUnicode_FromString(traits.attribute))});
      check_status(PyObject_SetAttrString(reinterpret_cast<PyObject*>(type()), "__match_args__", match_args.get()));
    }
    add_type(module, type());
  }
};

}  // namespace

void bind_keys(PyObject* module) {
  KeyEntryType<KeyEntryClass::kSequence>::bind(module);
  KeyEntryType<KeyEntryClass::kDict>::bind(module);
  KeyEntryType<KeyEntryClass::kGetAttr>::bind(module);
  KeyEntryType<KeyEntryClass::kFlattenedIndex>::bind(module);
}

}  // namespace leafwise
