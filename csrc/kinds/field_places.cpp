#include "kinds/field_places.h"

#include "cpython/names.h"

#include <structmember.h>

#include <utility>

namespace leafwise {
namespace {

// The place of a slot in each object; 0 for anything else.
Py_ssize_t slot_offset_of(PyTypeObject* type, PyObject* descriptor) noexcept {
  if (Py_TYPE(descriptor) != &PyMemberDescr_Type) return 0;
  const PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(descriptor)->d_member;
  // Those of structseqs are None where there is nothing, which the class is left to say.
  const bool is_object = member->type == T_OBJECT_EX || (member->type == T_OBJECT && type->tp_base == &PyTuple_Type);
  if (!is_object || PyType_IsSubtype(type, PyDescr_TYPE(descriptor)) == 0) return 0;
  return member->offset;
}

}  // namespace

bool FieldPlaces::find(PyTypeObject* type, PyObject* names) {
  if (is_current(type)) return true;
  if (type->tp_version_tag != 0 && type->tp_version_tag == refused_version_) return false;
  version_ = 0;
  look_up_in_class(type, leafwise::names().dunder_new);  // to look for anything gives the class a tag
  const unsigned version = type->tp_version_tag;
  std::vector<Place> places;
  bool has_attributes = false, is_possible = type->tp_getattro == PyObject_GenericGetAttr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    Place place{PyTuple_GET_ITEM(names, i)};
    if (const Ref in_class = look_up_in_class(type, place.name)) {
      place.slot_offset = slot_offset_of(type, in_class.get());
      // A property and the like comes before what the object has by itself; a default, or a method, after it.
      if (place.slot_offset == 0 && Py_TYPE(in_class.get())->tp_descr_set != nullptr) is_possible = false;
    }
    if (place.slot_offset == 0) has_attributes = true;
    if (!PyUnicode_CheckExact(place.name)) is_possible = false;
    places.push_back(place);
  }
  if (has_attributes && !can_read_attributes()) is_possible = false;
  if (type->tp_version_tag != version) return false;  // a key in the class changed it while it was compared
  if (!is_possible) {
    refused_version_ = version;
    return false;
  }
  places_ = std::move(places);
  has_attributes_ = has_attributes;
  version_ = version;
  return version_ != 0;
}

PyObject* FieldPlaces::read_slowly(PyObject* object, PyObject** values, const Place& place) noexcept {
  if (values == nullptr) return find_in_instance_dict(object, place.name, place.dict_position);
  place.value_place = place_in_instance_values(Py_TYPE(object), place.name);
  return place.value_place < 0 ? nullptr : values[place.value_place];
}

void FieldPlaces::set(PyObject* object, PyObject**& values, size_t field, Ref value) const {
  const Place& place = places_[field];
  if (place.slot_offset != 0) {
    PyObject*& slot = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + place.slot_offset);
    // There may be something: of a field that is the same slot, or of the user's, whom the collector showed the object.
    Ref::steal(std::exchange(slot, value.release()));
    return;
  }
  if (values != nullptr && place.value_place < 0) {
    place.value_place = place_in_instance_values(Py_TYPE(object), place.name);
  }
  if (values != nullptr && place.value_place >= 0)
    return set_instance_value(values, place.value_place, std::move(value));
  values = nullptr;
  check_status(PyObject_GenericSetAttr(object, place.name, value.get()));
}

}  // namespace leafwise
