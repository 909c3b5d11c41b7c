#include "core/first_sight.h"

#include "core/registry.h"
#include "cpython/short_repr.h"
#include "cpython/special_methods.h"

#include <cstddef>
#include <new>

namespace leafwise {
namespace {

void check_callable(PyObject* function, const char* what, PyTypeObject* type) {
  if (PyCallable_Check(function) != 0) return;
  throw_error(PyExc_TypeError, "%s of %R must be callable, got %U", what, type, short_repr(function).get());
}

Ref registration_by_methods(PyTypeObject* type) {
  const Ref flatten = special_method(type, names().tree_flatten);
  if (!flatten) return Ref();
  const Ref unflatten = special_method(type, names().tree_unflatten);
  if (!unflatten) {
    throw_error(PyExc_TypeError, "%R has __tree_flatten__, but no __tree_unflatten__: a node needs both", type);
  }
  const Ref bound = bound_to_class(unflatten.get(), type);
  check_callable(bound.get(), "__tree_unflatten__", type);
  const Ref with_keys = special_method(type, names().tree_flatten_with_keys);
  const Ref flatten_function = function_of_object(flatten.get());
  const Ref with_keys_function = with_keys ? function_of_object(with_keys.get()) : Ref::none();
  Ref made = make_custom_registration(reinterpret_cast<PyObject*>(type), flatten_function.get(), bound.get(),
                                      with_keys_function.get(), unflatten.get());
  mark_as_derived(made);
  return made;
}

// What a function gave that derives the registration of a subclass from that of its base.
Ref derived_registration(const Registration& base, PyTypeObject* type) {
  PyObject* subclass = reinterpret_cast<PyObject*>(type);
  if (base.subclasses.get() == Py_True) return registration_of_subclass(base, subclass);
  const Ref arguments = checked(PyObject_CallOneArg(base.subclasses.get(), subclass));
  const bool by_fields = base.kind == Kind::kDataclass;
  const Py_ssize_t given = PyTuple_Check(arguments.get()) ? PyTuple_GET_SIZE(arguments.get()) : -1;
  // With fields, it may also say how objects are made: construct, order, aliases.
  if (by_fields ? given != 2 && given != 5 : given != 3) {
    throw_error(PyExc_TypeError, "subclasses must return a tuple (%s) for %R, got %U",
                by_fields ? "data_fields, meta_fields" : "flatten_func, unflatten_func, flatten_with_keys_func", type,
                short_repr(arguments.get()).get());
  }
  PyObject* const* values = PySequence_Fast_ITEMS(arguments.get());
  if (by_fields && given == 2) return make_dataclass_registration(subclass, {values[0], values[1]});
  if (by_fields) return make_dataclass_registration(subclass, {values[0], values[1], values[2], values[3], values[4]});
  check_callable(values[0], "flatten_func", type);
  check_callable(values[1], "unflatten_func", type);
  if (values[2] != Py_None) check_callable(values[2], "flatten_with_keys_func", type);
  return make_custom_registration(subclass, values[0], values[1], values[2], base.subclasses.get());
}

// The nearest class in the MRO that says something about objects of the type: with its methods, or with its registration.
Ref registration_by_bases(PyTypeObject* type, const Registry& registry) {
  const Ref mro = Ref::borrow(type->tp_mro);
  bool looks_for_registered = true;
  for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro.get()); ++i) {
    auto* base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(mro.get(), i));
    const RegistryEntry* entry = i > 0 && looks_for_registered ? registry.find(base) : nullptr;
    if (entry != nullptr && entry->registration) {
      const Ref registered = entry->registration;
      const auto& base_registration = *reinterpret_cast<const Registration*>(registered.get());
      if (base_registration.subclasses) {
        Ref made = derived_registration(base_registration, type);
        mark_as_derived(made);
        return made;
      }
      looks_for_registered = false;
    }
    if (defines(base, names().tree_flatten)) return sights_by_methods().find(type, 0);
  }
  return Ref();
}

}  // namespace

// Of the classes that nobody can change from Python: there are no keys of user types in their dicts.
bool FirstSights::is_leaf_for_sure(PyTypeObject* type) {
  if (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) != 0 || look_up_in_class(type, names().tree_flatten)) {
    return false;
  }
  if (type->tp_version_tag == 0 || sights_.size() >= kMaxClasses) return true;
  Sight& sight = sights_[type];
  if (!sight.registration) sight.tag = type->tp_version_tag;
  return true;
}

Ref FirstSights::look_at(PyTypeObject* type, std::uint64_t version) {
  const Ref owner = Ref::borrow(reinterpret_cast<PyObject*>(type));
  look_up_in_class(type, names().tree_flatten);  // after that the class has a tag, if it can have one
  Sight sight;
  sight.tag = type->tp_version_tag;
  sight.version = version;
  sight.registration = registry_ == nullptr ? registration_by_methods(type) : registration_by_bases(type, *registry_);
  Ref registration = sight.registration;
  // Looking may have run code that has changed the class, or what is registered.
  const bool is_certain = sight.tag != 0 && sight.is_current(type, registry_ == nullptr ? 0 : Registry::version());
  if (is_certain) remember(type, std::move(sight));
  return registration;
}

void FirstSights::remember(PyTypeObject* type, Sight sight) {
  // Dropping them may run code that meets other classes.
  while (sights_.size() >= kMaxClasses) const auto dropped = take();
  std::swap(sights_[type], sight);  // what was there is dropped last
}

int FirstSights::traverse(visitproc visit, void* arg) const {
  for (const auto& [type, sight] : sights_) {
    if (const int stop = visit_ref(sight.registration, visit, arg)) return stop;
  }
  return 0;
}

FirstSights& sights_by_methods() noexcept {
  // Never destroyed, because then there is no interpreter any more.
  alignas(FirstSights) static std::byte place[sizeof(FirstSights)];
  static auto* const sights = new (place) FirstSights;
  return *sights;
}

}  // namespace leafwise
