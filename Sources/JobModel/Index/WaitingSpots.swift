/// Where a job waits in a queue.
struct WaitingSpot: Hashable, Sendable {
    let priority: Int
    let group: TurnIndex.Group
    let jobType: String
}

/// Where jobs wait that have something in common, and how many at each spot.
struct WaitingSpots<Key: Hashable & Sendable>: Sendable {
    private var counts: [Key: [WaitingSpot: Int]] = [:]

    subscript(key: Key) -> some Sequence<WaitingSpot> { (counts[key] ?? [:]).keys }

    mutating func count(_ spot: WaitingSpot, of key: Key, by change: Int) {
        let count = (counts[key]?[spot] ?? 0) + change
        counts[key, default: [:]][spot] = count > 0 ? count : nil
        if counts[key]?.isEmpty == true { counts[key] = nil }
    }
}
