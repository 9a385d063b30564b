/// Which limit keys of a queue have jobs in its slots, and where other jobs with them wait.
struct LimitKeys: Sendable {
    /// The most jobs of one key that have a slot; nil: as many as the queue has slots.
    private let limit: Int?
    /// How many jobs of each key have a slot.
    private var busy: [String: Int] = [:]
    /// Where jobs of each key wait.
    var spots = WaitingSpots<String>()

    init(limit: Int?) { self.limit = limit }

    /// Whether another job of a key may be started; always without a key.
    func isFree(_ key: String) -> Bool {
        guard let limit, !key.isEmpty else { return true }
        return busy[key, default: 0] < limit
    }

    /// Counts jobs of a key that have got a slot, or left it; returns whether the key is free now, nil when that has not changed.
    mutating func occupy(_ key: String, by change: Int) -> Bool? {
        let wasFree = isFree(key)
        let count = busy[key, default: 0] + change
        busy[key] = count > 0 ? count : nil
        let isFree = isFree(key)
        return wasFree == isFree ? nil : isFree
    }
}
