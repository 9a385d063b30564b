package import JobModel
import JobSystem
import Synchronization

/// Where uploads come in: a files area, and how much of its disk they may take.
///
/// Whoever receives bytes has one: each front, and the daemon for its socket. It looks at the disk while bytes arrive, so
/// what was announced and does not come keeps nobody out, and what comes unannounced ends before the reserve is used. Each
/// process counts what it writes at this moment, and sees what the others have written. Any thread may use it.
package final class UploadIntake: Sendable {
    package let area: FilesArea
    /// Of one upload, or of the files of one form together.
    package let maximumBytes: Int64
    private let minimumFreeBytes: Int64
    private let bytesUnderWay = Mutex<Int64>(0)

    /// Makes one for an area in which so many bytes always stay free.
    package init(_ area: FilesArea, maximumBytes: Int64, minimumFreeBytes: Int64) {
        self.area = area
        self.maximumBytes = maximumBytes
        self.minimumFreeBytes = minimumFreeBytes
    }

    /// Refuses an upload of a known length that cannot fit, before its bytes come.
    package func checkRoom(for bytes: Int64) throws(UploadError) {
        guard hasRoom(for: bytes) else { throw .storageFull }
    }

    /// Runs a write of so many bytes, when it is its turn, if it leaves free what must stay free.
    func write(_ count: Int, _ body: () throws(SystemError) -> Void) throws(UploadError) {
        let bytes = Int64(count)
        let isAllowed = bytesUnderWay.withLock { underWay in
            guard hasRoom(for: underWay + bytes) else { return false }
            underWay += bytes
            return true
        }
        guard isAllowed else { throw .storageFull }
        defer { bytesUnderWay.withLock { $0 -= bytes } }
        do throws(SystemError) { try Turn.take(body) } catch { throw UploadError(error) }
    }

    private func hasRoom(for bytes: Int64) -> Bool {
        let space = area.space()
        // A disk that does not say how much it has is asked by the write itself.
        guard space.total > 0 else { return true }
        return space.free - minimumFreeBytes >= bytes
    }
}
