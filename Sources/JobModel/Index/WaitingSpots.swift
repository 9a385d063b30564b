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

/// Limit keys of a queue, of which a few jobs only may have a slot.
struct LimitKeys: Sendable {
    /// The most jobs of one key that have a slot; nil: as many as the queue has slots.
    private let limit: Int?
    /// Jobs of each that have a slot.
    private var busy: [String: Int] = [:]
    /// Where jobs of each wait.
    var spots = WaitingSpots<String>()

    init(limit: Int?) { self.limit = limit }

    /// Whether another job of a key may be started; always without a key.
    func isFree(_ key: String) -> Bool {
        guard let limit, !key.isEmpty else { return true }
        return busy[key, default: 0] < limit
    }

    /// Counts jobs of a key that have got a slot, or have left it; returns whether it is free now, nil when that has not changed.
    mutating func occupy(_ key: String, by change: Int) -> Bool? {
        let wasFree = isFree(key)
        let count = busy[key, default: 0] + change
        busy[key] = count > 0 ? count : nil
        let isFree = isFree(key)
        return wasFree == isFree ? nil : isFree
    }
}
