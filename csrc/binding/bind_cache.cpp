// clear_cache and cache_info: what the caches of structures hold.
#include "binding/bindings.h"
#include "core/structure_cache.h"

#include <structseq.h>

namespace leafwise {
namespace {

PyStructSequence_Field info_fields[] = {
    {"hits", "calls that met a structure seen before"},
    {"misses", "calls that had to build the structure"},
    {"entries", "structures that are remembered"},
    {"nodes", "nodes and dict keys in all of them together, leaves in containers of nothing but leaves not counted"},
    {nullptr, nullptr},
};
PyStructSequence_Desc info_description = {"leafwise.CacheInfo", "What the caches of structures hold and did.",
                                          info_fields, 4};
PyTypeObject* info_type = nullptr;

PyObject* clear_cache(PyObject*, PyObject*) {
  return guarded([] {
    clear_all_caches();
    return Ref::none();
  });
}

PyObject* cache_info(PyObject*, PyObject*) {
  return guarded([] {
    const CacheInfo info = info_of_all_caches();
    const Ref result = checked(PyStructSequence_New(info_type));
    const std::int64_t values[] = {info.hits, info.misses, info.entries, info.nodes};
    for (int i = 0; i < 4; ++i) {
      PyStructSequence_SetItem(result.get(), i, checked(PyLong_FromLongLong(values[i])).release());
    }
    return result;
  });
}

PyMethodDef functions[] = {
    {"clear_cache", clear_cache, METH_NOARGS,
     R"(clear_cache()
--

Forget all structures, of all registries, and let go of their dict keys and classes.

No result changes by that; the next flattening of each structure takes longer. The counts
start anew.

Example:
    >>> import leafwise
    >>> leafwise.clear_cache()
    >>> leafwise.cache_info().entries
    0
)"},
    {"cache_info", cache_info, METH_NOARGS,
     R"(cache_info()
--

Tell what the caches of structures hold and did, of all registries.

Returns:
    A named tuple of ints: `hits`, calls that met a structure seen before; `misses`, calls
    that had to build it; `entries`, structures that are remembered; `nodes`, nodes and dict
    keys in all of them together, leaves in containers of nothing but leaves not counted.

Example:
    >>> import leafwise
    >>> leafwise.clear_cache()
    >>> treedef = leafwise.tree_structure({'a': [1, 2]})
    >>> leafwise.cache_info().entries
    1
)"},
};

}  // namespace

void bind_cache(PyObject* module) {
  if (info_type == nullptr) info_type = PyStructSequence_NewType(&info_description);
  if (info_type == nullptr) throw PythonError{};
  add_type(module, info_type);
  for (PyMethodDef& function : functions) add_public_function(module, function);
}

}  // namespace leafwise
