extension Dictionary {
    /// Entries for which room is not worth a move: a few MiB.
    private static var smallCapacity: Int { 50_000 }

    /// Whether less than a quarter of the room is in use: a dictionary only grows by itself.
    package var isSparse: Bool { capacity > Self.smallCapacity && count < capacity / 4 }

    /// Moves what is there into fitting room when this one is sparse.
    package mutating func shrink() {
        guard isSparse else { return }
        var fitting = Dictionary(minimumCapacity: count)
        for (key, value) in self { fitting[key] = value }
        self = fitting
    }
}
