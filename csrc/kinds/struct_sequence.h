// Structseqs, such as `time.struct_time`: tuples with named fields whose classes are made in C. Like other classes they may
// be registered by the names of their fields. They take no keywords, and can't be changed; so they are made directly.
#pragma once

#include "kinds/node.h"
#include "kinds/registration.h"

namespace leafwise {

bool is_struct_sequence(PyTypeObject* type);
// A structseq is complete only with all fields, those beyond its length as a tuple as well.
void check_fields_of_struct_sequence(PyTypeObject* type, PyObject* names);
// As its constructor makes it. Only if the places of the registration are current. Runs no Python code but that of the
// garbage collector.
Ref make_struct_sequence(const Registration& registration, const Node& node, Items children);

}  // namespace leafwise
