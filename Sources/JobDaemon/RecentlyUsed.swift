/// Ids of what is cached, in the order of their last use; each once.
struct RecentlyUsed<ID: Hashable & Sendable>: Sendable {
    /// So many ids stay, unless told otherwise.
    static var limit: Int { 10_000 }

    private let limit: Int

    /// A use; the newest of an id counts, older ones are passed over.
    private struct Use {
        let id: ID
        let number: Int
    }

    private var uses: [Use] = []
    private var oldest = 0
    /// The number of the newest use of each id.
    private var newest: [ID: Int] = [:]
    private var lastNumber = 0

    init(limit: Int = Self.limit) {
        self.limit = limit
    }

    /// Ids over the limit.
    var surplus: Int { max(newest.count - limit, 0) }

    /// Adds an id, or makes it the newest.
    mutating func add(_ id: ID) {
        lastNumber += 1
        newest[id] = lastNumber
        uses.append(Use(id: id, number: lastNumber))
        if uses.count > 2 * newest.count + 1_000 { dropPassed() }
    }

    mutating func remove(_ id: ID) { newest[id] = nil }

    /// Takes out the oldest id over the limit; nil when there is none.
    mutating func removeSurplus() -> ID? {
        guard surplus > 0 else { return nil }
        while oldest < uses.count {
            let use = uses[oldest]
            oldest += 1
            guard newest[use.id] == use.number else { continue }
            newest[use.id] = nil
            return use.id
        }
        return nil
    }

    private mutating func dropPassed() {
        uses = uses[oldest...].filter { newest[$0.id] == $0.number }
        oldest = 0
    }
}
