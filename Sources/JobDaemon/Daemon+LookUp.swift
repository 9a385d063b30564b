import JobModel
import JobStorage
import JobWire
import Logging

/// The way to the store for what is in memory no more.
extension Daemon {
    /// Reads records into the map and the image, then calls the body; what does not exist stays unknown.
    ///
    /// Nothing of it, and nothing that was read before and is kept, is forgotten before the body has returned. A read says how
    /// things were when it began: what was told since then is in memory, and stays there.
    func lookUp(
        _ names: Set<RecordID>, keeping known: Set<RecordID> = [],
        _ body: @escaping @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        let kept = names.union(known)
        committer.beginLookUp(kept)
        inBackground { [self] in
            do throws(StoreError) {
                var (jobs, files): ([JobRecord], [FileID]) = ([], [])
                var named: [NamedRecord] = []
                var zones: [String: TimeZoneRules] = [:]
                for name in names {
                    switch name {
                    case .job(let id): if let record = try await store.record(id) { jobs.append(record) }
                    case .file(let id): files.append(id)
                    case .dedupeKey(let key): if let record = try await store.job(with: key) { jobs.append(record) }
                    case .batch, .schedule, .upload, .drain:
                        if let record = try await store.named(name) { named.append(record) }
                    case .timeZone(let zone): if let rules = clock.timeZone(zone) { zones[zone] = rules }
                    case .queue: break
                    }
                }
                for (name, zone) in zones { await admit(zone, named: name) }
                await learn(jobs, files.isEmpty ? [] : try await store.files(files), named)
                await endLookUp(kept, nil, body)
            } catch {
                await endLookUp(kept, Refusal(reading: error, logger: logger), body)
            }
        }
    }

    private func admit(_ zone: TimeZoneRules, named name: String) { committer.admit(zone, named: name) }

    private func learn(_ jobs: [JobRecord], _ files: [FileRecord], _ named: [NamedRecord]) {
        for record in jobs {
            committer.admit(audience.admit(record))
        }
        for file in files { committer.admit(file) }
        for record in named { committer.admit(record) }
    }

    private func endLookUp(
        _ names: Set<RecordID>, _ refusal: Refusal?, _ body: @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        body(self, refusal)
        committer.endLookUp(names)
    }
}

extension Refusal {
    /// For a read that failed, which is logged.
    init(reading error: StoreError, logger: Logger) {
        logger.error("a read failed", metadata: ["reason": "\(error)"])
        if case .damagedRecord(_, let reason) = error {
            self.init(.unavailable, reason)
        } else {
            self.init(.unavailable, "The store could not be read.")
        }
    }
}
