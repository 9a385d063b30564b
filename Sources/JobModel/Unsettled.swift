/// How many events of each record are neither durable nor taken back.
struct Unsettled: Sendable {
    private var counts: [RecordID: Int] = [:]

    func contains(_ id: RecordID) -> Bool { counts[id] != nil }

    mutating func add(_ event: Event) { counts[event.recordId, default: 0] += 1 }

    mutating func remove(_ event: Event) {
        let id = event.recordId
        guard let count = counts[id] else { return }
        counts[id] = count > 1 ? count - 1 : nil
    }
}
