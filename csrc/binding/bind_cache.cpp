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
     "clear_cache()\n--\n\n"
     "Forgets all structures, of all registries, and lets go of their dict keys and classes.\n\n"
     "No result changes by that; the next flattening of each structure takes longer. The counts start anew.\n\n"
     ">>> import leafwise\n>>> leafwise.clear_cache()\n>>> leafwise.cache_info().entries\n0\n"},
    {"cache_info", cache_info, METH_NOARGS,
     "cache_info()\n--\n\n"
     "What the caches of structures hold: a named tuple of ints `hits`, `misses`, `entries`, `nodes`.\n\n"
     ">>> import leafwise\n>>> leafwise.clear_cache()\n>>> treedef = leafwise.tree_structure({'a': [1, 2]})\n"
     ">>> leafwise.cache_info().entries\n1\n"},
};

}  // namespace

void bind_cache(PyObject* module) {
  if (info_type == nullptr) info_type = PyStructSequence_NewType(&info_description);
  if (info_type == nullptr) throw PythonError{};
  add_type(module, info_type);
  for (PyMethodDef& function : functions) add_public_function(module, function);
}

}  // namespace leafwise
