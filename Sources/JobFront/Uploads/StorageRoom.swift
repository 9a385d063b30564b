import JobFiles
import JobWire
import Synchronization

/// Sees to it that uploads leave room on the disk: for each other, and for the daemon's own store.
///
/// What was announced is counted before it comes. Every front counts for itself. May be used from any thread.
final class StorageRoom: Sendable {
    static let full = Refusal(.storageFull, "There is no room for this on the disk.")

    private let area: FilesArea
    private let minimumFreeBytes: Int64
    private let reserved = Mutex<Int64>(0)

    /// Makes the room of an area in which so many bytes always stay free.
    init(area: FilesArea, minimumFreeBytes: Int64) {
        self.area = area
        self.minimumFreeBytes = minimumFreeBytes
    }

    /// Room that is set aside; what is written of it counts twice meanwhile, to be safe.
    struct Reservation {
        fileprivate let room: StorageRoom
        fileprivate let bytes: Int64

        func release() { room.reserved.withLock { $0 -= bytes } }
    }

    /// Sets room aside for what is announced; what is not cannot be counted, and may meet the end of the disk.
    func reserve(_ announced: Int64?) throws(Refusal) -> Reservation {
        let bytes = max(announced ?? 0, 0)
        let free = area.freeBytes()
        let hasRoom = reserved.withLock { reserved in
            let (needed, isTooMuch) = reserved.addingReportingOverflow(bytes)
            guard !isTooMuch, free - minimumFreeBytes >= needed else { return false }
            reserved = needed
            return true
        }
        guard hasRoom else { throw Self.full }
        return Reservation(room: self, bytes: bytes)
    }
}
