/// What somebody who reads slowly has not been sent yet: of each thing its newest state, behind the final one that it may
/// have had before.
///
/// Final states are never skipped, others are. Holds at most two states for each key.
package struct Backlog<Key: Hashable, State> {
    private struct Entry {
        var final: (state: State, weight: Int)?
        var newest: (state: State, weight: Int)
        var isFinal: Bool

        var weight: Int { newest.weight + (final?.weight ?? 0) }
    }

    private var entries: [Key: Entry] = [:]
    /// In the order in which they fell behind, those before ``first`` being gone.
    private var keys: [Key] = []
    private var first = 0
    /// What all states weigh, as those who put them in said.
    package private(set) var weight = 0

    /// Holds nothing.
    package init() {}

    /// How many things have something that was not sent.
    package var count: Int { entries.count }

    /// Whether everything that was put in has been taken out.
    package var isEmpty: Bool { entries.isEmpty }

    /// Adds a state of `weight` bytes; of the states of its key, the newest and the newest final one stay.
    package mutating func put(_ state: State, isFinal: Bool, weight: Int = 0, for key: Key) {
        guard var entry = entries.removeValue(forKey: key) else {
            keys.append(key)
            entries[key] = Entry(newest: (state, weight), isFinal: isFinal)
            self.weight += weight
            return
        }
        self.weight -= entry.weight
        if entry.isFinal { entry.final = entry.newest }
        entry.newest = (state, weight)
        entry.isFinal = isFinal
        self.weight += entry.weight
        entries[key] = entry
    }

    /// Takes the oldest state.
    package mutating func popFirst() -> (key: Key, state: State)? {
        guard first < keys.count else { return nil }
        let key = keys[first]
        guard var entry = entries.removeValue(forKey: key) else { return nil }
        if let final = entry.final {
            entry.final = nil
            weight -= final.weight
            entries[key] = entry
            return (key, final.state)
        }
        weight -= entry.weight
        passFirst()
        return (key, entry.newest.state)
    }

    /// Room is given back now and then, so that each state costs the same however many there are.
    private mutating func passFirst() {
        first += 1
        guard first == keys.count || first > 1000, first * 2 > keys.count else { return }
        keys.removeFirst(first)
        first = 0
    }
}
