#include "cpython/names.h"

namespace leafwise {
namespace {

Names interned_names;

PyObject* intern(const char* name) { return checked(PyUnicode_InternFromString(name)).release(); }

}  // namespace

void init_names() {
  interned_names = {intern("_fields"),
                    intern("default_factory"),
                    intern("frozen"),
                    intern("enum"),
                    intern("__dataclass_fields__"),
                    intern("__dataclass_params__"),
                    intern("__array__"),
                    intern("__dict__"),
                    intern("__init__"),
                    intern("__module__"),
                    intern("__name__"),
                    intern("__new__"),
                    intern("n_fields"),
                    intern("_tuple_new"),
                    intern("__tree_flatten__"),
                    intern("__tree_unflatten__"),
                    intern("__tree_flatten_with_keys__")};
}

const Names& names() noexcept { return interned_names; }

}  // namespace leafwise
