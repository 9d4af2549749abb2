// Debian has no ankerl::unordered_dense; the worker uses only its map, set and hash, which the standard containers provide.
#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense {

template<class Key, class Value, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
using map = std::unordered_map<Key, Value, Hash, Equal>;

template<class Key, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
using set = std::unordered_set<Key, Hash, Equal>;

template<class Key>
using hash = std::hash<Key>;

} // namespace ankerl::unordered_dense
