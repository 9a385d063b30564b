/// Finds duplicate keys: by looking along a short object, with a set in a long one, so that no input is quadratic.
struct KeySet {
    private var keys: Set<String> = []

    /// Returns whether the key is new among the members before it.
    mutating func insert(_ key: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < 16 { return !members.contains { $0.key == key } }
        if keys.isEmpty { keys = Set(members.map(\.key)) }
        return keys.insert(key).inserted
    }
}
