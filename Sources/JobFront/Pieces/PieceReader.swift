import JobFiles
import JobModel
import JobWire

/// Brings the body of a request behind what has come of an upload.
struct PieceReader: Sendable {
    private static let chunkBytes = 64 * 1024
    /// How long nothing may come before it is looked whether somebody else goes on.
    private static let glance = Duration.milliseconds(250)

    let intake: UploadIntake
    let pace: UploadPace
    /// How long its sender may be silent.
    let idle: Duration

    /// Reads a body to its end.
    ///
    /// - Parameters:
    ///   - body: Comes in on this thread.
    ///   - file: What has come so far; who waits for it ends the reading.
    ///   - count: Told how much has come, and lets it.
    ///   - take: Given each part of it.
    /// - Throws: Why no more of it is read; what was taken stays.
    func read(
        _ body: any Body, behind file: PartialFile, counting count: (Int64) throws(Refusal) -> Void,
        _ take: (UnsafeRawBufferPointer) throws(UploadError) -> Void
    ) throws(Refusal) {
        let chunk = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Self.chunkBytes)
        defer { chunk.deallocate() }
        let start = ContinuousClock.now
        var heard = start
        var bytes: Int64 = 0
        while true {
            let arrived = try body.readAvailable(into: chunk, within: Self.glance)
            if arrived == 0 { return }
            try checkWay(of: file)
            let now = ContinuousClock.now
            guard let length = arrived else {
                guard now - heard < idle else {
                    throw Refusal(.requestTimeout, "Nothing more of the body came after \(bytes) bytes.")
                }
                continue
            }
            heard = now
            bytes += Int64(length)
            try count(bytes)
            do throws(UploadError) {
                try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<length]))
            } catch {
                throw Refusal(error)
            }
            try pace.check(bytes, after: now - start)
        }
    }

    private func checkWay(of file: PartialFile) throws(Refusal) {
        if file.isWanted { throw Refusal(UploadError.locked) }
        if file.isGone { throw Refusal(.uploadNotFound, "The upload was taken back.") }
    }
}
