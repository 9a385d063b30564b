import JSON
import JobModel
import JobWire
import NIOCore

/// Tells the daemon how much of an upload has come, and passes on that no more may come.
///
/// Belongs to the thread that reads the upload, and makes it wait for the daemon: at the beginning, and each time that so much
/// more has come that it counts.
struct UploadMeter {
    /// What may come without a word.
    private static let interval: Int64 = 4 * 1024 * 1024

    private let link: NIOLoopBound<DaemonLink>
    private let caller: Caller
    private let name: String
    private var told: Int64 = 0

    init(link: NIOLoopBound<DaemonLink>, caller: Caller) {
        self.link = link
        self.caller = caller
        name = "\(JobID.random())"
    }

    /// - Throws: Who sends it has not the right, or has as much as he may have already.
    func begin(announced: Int64?) throws(Refusal) { try tell(0, announced: announced) }

    /// Goes on, or ends what would be more than its sender may have.
    mutating func count(_ bytes: Int64) throws(Refusal) {
        guard bytes - told >= Self.interval else { return }
        try tell(bytes)
        told = bytes
    }

    /// Says that nothing more comes, and of a piece how much lies on the disk; does not wait.
    func end(_ piece: (upload: FileID, stored: Int64)? = nil) {
        var fields: JSONObject = ["upload": .string(name), "ended": true]
        if let piece {
            fields["fileId"] = .string(piece.upload.description)
            fields["stored"] = JSONValue(piece.stored)
        }
        let params = fields
        // In the front's own name: a token may have ended since.
        link.eventLoop.execute { [link] in _ = link.value.callAsFront(.reportUpload, params) }
    }

    private func tell(_ bytes: Int64, announced: Int64? = nil) throws(Refusal) {
        var params: JSONObject = ["upload": .string(name), "bytes": JSONValue(bytes)]
        params["announced"] = announced.map { JSONValue(min($0, Limits.sizes.upperBound)) }
        let text = JSONValue.object(params).bytes
        do {
            _ = try link.eventLoop.flatSubmit { [link, caller] in
                link.value.call(.reportUpload, text, by: caller)
            }.wait()
        } catch {
            throw error as? Refusal ?? Refusal(.unavailable, "The daemon is not there; try again in a moment.")
        }
    }
}
