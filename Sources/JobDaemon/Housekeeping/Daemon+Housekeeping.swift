import Dispatch
import JobModel
import JobStorage
import JobSystem
import NIOCore

/// What the owner of the map does for its ``Housekeeper``.
extension Daemon {
    /// Looks for what can go now, and now and then from now on.
    func keepHouse() {
        giveMemoryBack()
        let rules = committer.map.rules
        housekeeper.assumeIsolated { $0.look(for: self, by: rules) }
    }

    /// Once a backlog is gone and nothing is under way: what the allocator keeps of it for later is given to others.
    private func giveMemoryBack() {
        guard committer.map.isSparse, isIdle else { return }
        committer.shrink()
        audience.shrink()
        // It blocks, and for as long others that want memory.
        DispatchQueue.global(qos: .utility).async { Machine.giveMemoryBack() }
    }

    /// Forgets tombstones that the store has removed: their ids are free again.
    func forget(_ ids: [JobID]) {
        for id in ids where committer.forget(id) { audience.forget(id) }
    }

    /// Has the housekeeper look soon when there is more than may stay.
    func noteSurplus() {
        guard committer.map.rules.retention.isExceeded(by: endedJobs) else { return }
        housekeeper.assumeIsolated { $0.hasten(for: self) }
    }

    /// What the ended jobs amount to.
    var endedJobs: StoreTotals.Ended { gauges.totals.ended }

    /// Those that nobody waits for.
    func withoutAwaited<Found: Sendable>(_ found: ArraySlice<Found>, id: @Sendable (Found) -> JobID) -> [Found] {
        found.filter { !committer.map.isAwaited(id($0)) }
    }

    /// All resumable uploads.
    var uploadIds: Set<FileID> { committer.map.uploadIds }

    /// Takes note of what lies on the disk of some resumable uploads; returns the records of those that there still are.
    func uploadRecords(_ ids: ArraySlice<FileID>, found states: [FileID: PartialState]) -> [UploadRecord] {
        ids.compactMap { id in
            guard let record = committer.map.upload(id) else { return nil }
            // Who writes it says how much when he has done.
            if record.finishedAt == nil, let state = states[id], !state.isHeld {
                uploads.setStored(state.bytes, of: id, for: record.account)
            }
            return record
        }
    }

    /// Removes what lies on the disk of uploads that there are not any more.
    func removeUnknown(_ ids: [FileID]) {
        for id in ids where committer.map.upload(id) == nil { disk.remove(partial: id) }
    }

    /// Those that are not a resumable upload, which gets its record when its sender asks for it again.
    func withoutUploads(_ ids: Set<FileID>) -> Set<FileID> {
        ids.filter { id in committer.map.upload(id).map { $0.finishedAt != nil } ?? true }
    }

    /// Ends uploads over sockets that the disk has given up.
    func endUploads(_ ids: [FileID]) { uploads.end(ids) }
}
