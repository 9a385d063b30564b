/// What somebody who reads slowly has not been sent yet: of each thing its newest state, behind the final one that it may
/// have had before.
///
/// Final states are never skipped, others are. Holds at most two states for each key.
package struct Backlog<Key: Hashable, State> {
    private struct Entry {
        var final: State?
        var newest: State
        var isFinal: Bool
    }

    private var entries: [Key: Entry] = [:]
    // In the order in which they fell behind.
    private var keys: [Key] = []

    package init() {}

    /// How many things have something that was not sent.
    package var count: Int { keys.count }

    package mutating func put(_ state: State, isFinal: Bool, for key: Key) {
        guard var entry = entries[key] else {
            keys.append(key)
            entries[key] = Entry(newest: state, isFinal: isFinal)
            return
        }
        if entry.isFinal { entry.final = entry.newest }
        entry.newest = state
        entry.isFinal = isFinal
        entries[key] = entry
    }

    /// Takes everything, oldest first.
    package mutating func takeAll() -> [(key: Key, state: State)] {
        defer { self = Backlog() }
        return keys.flatMap { key in
            entries[key].map { [$0.final, $0.newest].compactMap { $0 }.map { (key, $0) } } ?? []
        }
    }
}
