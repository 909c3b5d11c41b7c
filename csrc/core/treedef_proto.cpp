#include "core/treedef_proto.h"

#include "core/node_builder.h"
#include "core/unrolled.h"
#include "cpython/dict_items.h"
#include "cpython/text.h"
#include "kinds/dispatch.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace leafwise {
namespace {

enum ProtoType : std::uint64_t { kProtoLeaf = 1, kProtoList = 2, kProtoNone = 3, kProtoTuple = 4, kProtoDict = 5 };
constexpr struct {
  Kind kind;
  ProtoType type;
} kTypes[] = {{Kind::kLeaf, kProtoLeaf},
              {Kind::kList, kProtoList},
              {Kind::kNone, kProtoNone},
              {Kind::kTuple, kProtoTuple},
              {Kind::kDict, kProtoDict}};

// Wire types of protocol buffers.
enum : std::uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr const char* kMalformed = "Could not deserialize PyTreeDefProto: %s.";

[[noreturn]] void throw_malformed(const char* why) { throw_error(PyExc_ValueError, kMalformed, why); }

void write_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}
void write_tag(std::string& out, std::uint64_t field, std::uint64_t wire_type) {
  write_varint(out, field << 3 | wire_type);
}
void write_bytes(std::string& out, std::uint64_t field, std::string_view bytes) {
  write_tag(out, field, kLengthDelimited);
  write_varint(out, bytes.size());
  out.append(bytes);
}

class Writer {
 public:
  void write(const TreeDef& treedef) {
    struct OpenNode {
      const Node* node;
      Py_ssize_t remaining_children;
    };
    std::vector<OpenNode> open_nodes;
    for (const Node& node : Unrolled(treedef.root())) {
      open_nodes.push_back({&node, node.has_implied_leaves() ? 0 : node.arity});
      for (Py_ssize_t i = 0; node.has_implied_leaves() && i < node.arity; ++i) write_node(Node::leaf());
      while (!open_nodes.empty() && open_nodes.back().remaining_children == 0) {
        write_node(*open_nodes.back().node);
        open_nodes.pop_back();
        if (!open_nodes.empty()) --open_nodes.back().remaining_children;
      }
    }
  }

  Ref bytes() {
    for (const std::string& string : strings_) write_bytes(out_, 2, string);
    return checked(PyBytes_FromStringAndSize(out_.data(), static_cast<Py_ssize_t>(out_.size())));
  }

 private:
  void write_node(const Node& node) {
    std::string message;
    if (node.arity > 0) {
      write_tag(message, 1, kVarint);
      write_varint(message, static_cast<std::uint64_t>(node.arity));
    }
    write_tag(message, 2, kVarint);
    write_varint(message, proto_type(node));
    if (node.kind == Kind::kDict && node.arity > 0) {
      std::string ids, keys;
      for (Py_ssize_t i = 0; i < node.arity; ++i) write_varint(ids, id_of(node.key(i).get()));
      write_bytes(keys, 1, ids);
      write_bytes(message, 3, keys);
    }
    write_bytes(out_, 1, message);
  }

  static ProtoType proto_type(const Node& node) {
    for (const auto& entry : kTypes) {
      if (entry.kind == node.kind) return entry.type;
    }
    const PyTypeObject* type = with_kind(node.kind, [&](auto kind) { return kind.type(node); });
    throw_error(PyExc_ValueError,
                "User-defined nodes are not supported when serializing pytrees as protocol buffers. You should either "
                "convert the user-defined nodes to another type or use pickle instead. Got one of type %U.",
                short_type_name(type).get());
  }

  std::uint64_t id_of(PyObject* key) {
    if (!PyUnicode_Check(key)) {
      throw_error(PyExc_ValueError, "%s Got one of type %U.", kOnlyStrings, short_type_name(Py_TYPE(key)).get());
    }
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(key, &size);
    if (text == nullptr) {
      if (PyErr_ExceptionMatches(PyExc_UnicodeError) == 0) throw PythonError{};
      throw_error_from_current(PyExc_ValueError, "%s Got one that UTF-8 cannot hold.", kOnlyStrings);
    }
    std::string string(text, static_cast<size_t>(size));
    const auto [found, is_new] = ids_.emplace(string, strings_.size());
    if (is_new) strings_.push_back(std::move(string));
    return found->second;
  }

  static constexpr const char* kOnlyStrings = "Only string keys are supported in proto pytree serialization.";

  std::string out_;
  std::vector<std::string> strings_;
  std::unordered_map<std::string, std::uint64_t> ids_;
};

// Reads the fields of one message.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  struct Field {
    std::uint64_t number;
    std::uint64_t wire_type;
    std::uint64_t value;     // of a varint
    std::string_view bytes;  // of a length-delimited field
  };

  bool at_end() const { return rest_.empty(); }

  Field next() {
    const std::uint64_t tag = varint();
    Field field{tag >> 3, tag & 7, 0, {}};
    if (field.number == 0) throw_malformed("field number 0");
    if (field.wire_type == kVarint) {
      field.value = varint();
    } else if (field.wire_type == kLengthDelimited) {
      field.bytes = take(varint());
    } else if (field.wire_type == kFixed64 || field.wire_type == kFixed32) {
      take(field.wire_type == kFixed64 ? 8 : 4);
    } else {
      throw_malformed("unknown wire type");
    }
    return field;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw_malformed("a number is too long");
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw_malformed("it is truncated");
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(static_cast<size_t>(size));
    return taken;
  }

  std::string_view rest_;
};

struct ProtoNode {
  std::uint64_t arity = 0;
  std::uint64_t type = 0;
  std::vector<std::uint64_t> key_ids;
  size_t extent = 1;  // of the subtree that ends here
};

void read_key_ids(std::string_view bytes, std::vector<std::uint64_t>& ids) {
  for (Reader reader(bytes); !reader.at_end();) {
    const Reader::Field field = reader.next();
    if (field.number != 1) continue;
    if (field.wire_type == kVarint) ids.push_back(field.value);  // also allowed where packed is usual
    for (Reader packed(field.bytes); !packed.at_end();) ids.push_back(packed.varint());
  }
}

ProtoNode read_node(std::string_view bytes) {
  ProtoNode node;
  for (Reader reader(bytes); !reader.at_end();) {
    const Reader::Field field = reader.next();
    if (field.number == 1) node.arity = field.value;
    if (field.number == 2) node.type = field.value;
    if (field.number == 3) read_key_ids(field.bytes, node.key_ids);
  }
  return node;
}

// The keys of a dict node, which have to be sorted and different, as those of every dict node are.
void set_keys(const ProtoNode& proto, const Refs& strings, Node& node) {
  if (proto.key_ids.size() != proto.arity) throw_malformed("a dict's keys and children differ in number");
  DictItems items;
  for (const std::uint64_t id : proto.key_ids) {
    if (id >= strings.size()) throw_malformed("dict key out of range");
    items.push_back({strings[static_cast<size_t>(id)], Ref()});
  }
  DictItems sorted = items;
  sort_by_key(sorted);
  Refs keys;
  for (size_t i = 0; i < items.size(); ++i) {
    PyObject* key = items[i].key.get();
    if (key != sorted[i].key.get()) throw_malformed("a dict's keys are not sorted");
    if (i > 0 && PyUnicode_Compare(keys.back().get(), key) == 0) throw_malformed("a dict's keys are not different");
    keys.push_back(std::move(items[i].key));
  }
  node.set_keys(keys.data());
}

Node to_node(const ProtoNode& proto, const Refs& strings) {
  for (const auto& entry : kTypes) {
    if (proto.type != entry.type) continue;
    Node node(entry.kind, static_cast<Py_ssize_t>(proto.arity));
    if (node.arity > 0 && (node.kind == Kind::kNone || node.kind == Kind::kLeaf)) {
      throw_malformed("leaves and None have no children");
    }
    if (node.kind == Kind::kDict) set_keys(proto, strings, node);
    return node;
  }
  throw_malformed("invalid node type");
}

// Finds the extent of each node's subtree; checks that the nodes are one tree.
void find_extents(std::vector<ProtoNode>& protos) {
  for (size_t i = 0; i < protos.size(); ++i) {
    for (std::uint64_t child = 0; child < protos[i].arity; ++child) {
      if (protos[i].extent > i) throw_malformed("children are missing");
      protos[i].extent += protos[i - protos[i].extent].extent;
    }
  }
  if (protos.empty() || protos.back().extent != protos.size()) throw_malformed("it is not one tree");
}

Ref read_string(std::string_view bytes) {
  Ref string = Ref::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), nullptr));
  if (string) return string;
  if (PyErr_ExceptionMatches(PyExc_UnicodeError) == 0) throw PythonError{};
  throw_error_from_current(PyExc_ValueError, kMalformed, "a dict key is not UTF-8");
}

}  // namespace

Ref treedef_to_proto(const TreeDef& treedef) {
  Writer writer;
  writer.write(treedef);
  return writer.bytes();
}

Ref treedef_from_proto(PyObject* registry, PyObject* bytes) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  check_status(PyBytes_AsStringAndSize(bytes, &data, &size));
  std::vector<ProtoNode> protos;
  Refs strings;
  for (Reader reader(std::string_view(data, static_cast<size_t>(size))); !reader.at_end();) {
    const Reader::Field field = reader.next();
    if (field.number == 1) protos.push_back(read_node(field.bytes));
    if (field.number == 2) strings.push_back(read_string(field.bytes));
  }
  find_extents(protos);

  // From post-order to pre-order: a stack of subtrees, each by the place of its root.
  NodeBuilder builder;
  std::vector<size_t> pending = {protos.size() - 1};
  while (!pending.empty()) {
    const size_t root = pending.back();
    pending.pop_back();
    Node node = to_node(protos[root], strings);
    if (node.kind == Kind::kLeaf) {
      builder.add_leaf();
    } else {
      builder.open(std::move(node));
    }
    // The last child stands directly before its parent; pushed first, it is visited last.
    for (size_t end = root, child = 0; child < protos[root].arity; ++child) {
      pending.push_back(end - 1);
      end -= protos[end - 1].extent;
    }
  }
  return make_treedef(std::move(builder).finish(), registry);
}

}  // namespace leafwise
