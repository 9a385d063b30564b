/// What is kept in memory only because it was used lately, in the order of its coming.
struct Guests<ID: Hashable> {
    /// Guests that stay.
    static var limit: Int { 10_000 }

    /// An id may occur more than once.
    private var ids: [ID] = []
    private var oldest = 0

    mutating func add(_ id: ID) { ids.append(id) }

    /// Takes out the oldest guest over the limit, nil when there is none.
    mutating func removeSurplus() -> ID? {
        guard ids.count - oldest > Self.limit else { return nil }
        defer {
            oldest += 1
            if oldest > Self.limit {
                ids.removeFirst(oldest)
                oldest = 0
            }
        }
        return ids[oldest]
    }
}
