import JobModel

/// Which files, batches and schedules the map holds only because they were used lately, and what must not go yet.
struct MapCache: Sendable {
    private var files: RecentlyUsed<FileID>
    /// Batches and schedules, and names that are known to be free.
    private var named = RecentlyUsed<RecordID>(limit: 1_000)
    /// What is being read from the store, until what was found has been used; it is not forgotten meanwhile.
    private var lookUps: [RecordID: Int] = [:]

    init(fileLimit: Int) {
        files = RecentlyUsed(limit: fileLimit)
    }

    mutating func add(_ id: FileID) { files.add(id) }

    /// Adds what the store keeps under a name.
    mutating func add(_ id: RecordID) { named.add(id) }

    /// Adds what an event is about.
    mutating func add(_ event: Event) {
        switch event {
        case .file(let event): files.add(event.fileId)
        case .named(let event): named.add(event.id)
        case .job, .queue: break
        }
    }

    mutating func beginLookUp(_ names: Set<RecordID>) {
        for name in names { lookUps[name, default: 0] += 1 }
    }

    mutating func endLookUp(_ names: Set<RecordID>) {
        for name in names {
            guard let count = lookUps[name] else { continue }
            lookUps[name] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether nobody looks it up.
    func mayGo(_ id: RecordID) -> Bool { lookUps[id] == nil }

    /// Drops what was not used for long and may go.
    mutating func forgetSurplus(of map: inout JobMap) {
        for _ in 0..<files.surplus {
            guard let id = files.removeSurplus() else { return }
            if !mayGo(.file(id)) || !map.forget(id) { files.add(id) }
        }
        for _ in 0..<named.surplus {
            guard let id = named.removeSurplus() else { return }
            // What is active is added again once it changes.
            if map.named(id)?.isActive == true { continue }
            if !mayGo(id) || !map.forget(named: id) { named.add(id) }
        }
    }
}
