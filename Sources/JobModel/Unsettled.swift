/// How many events of each record are neither durable nor taken back.
struct Unsettled: Sendable {
    private var counts: [RecordID: Int] = [:]

    func contains(_ id: RecordID) -> Bool { counts[id] != nil }

    mutating func add(_ event: Event) { counts[event.recordId, default: 0] += 1 }

    mutating func remove(_ event: Event) {
        guard let index = counts.index(forKey: event.recordId) else { return }
        if counts.values[index] > 1 { counts.values[index] -= 1 } else { counts.remove(at: index) }
    }
}
