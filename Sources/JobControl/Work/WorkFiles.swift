import FoundationEssentials
import Glibc
import JSON
import JobModel
import JobSystem
import JobWire

/// Brings a job's files to where its program runs, and what that has made back, piece by piece.
struct WorkFiles: Sendable {
    private static let chunkBytes = 512 * 1024

    let link: WorkLink

    /// Brings the job's files here; their paths, in order.
    func fetchInputs(of job: ClaimedJob, into room: WorkRoom) async throws -> [String] {
        var paths: [String] = []
        for (index, file) in (job.json["files"]?.array ?? []).enumerated() {
            guard let id = file["fileId"], let size = file["size"]?.integer else { continue }
            _ = try await link.call(.getInput, with(job.lease, ["fileId": id]))
            let path = try room.inputPath(index, file["name"]?.string ?? "file")
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SystemError("open", path) }
            defer { close(descriptor) }
            var offset: Int64 = 0
            while offset < size {
                let part = try await link.call(
                    .readFile, ["fileId": id, "offset": JSONValue(offset), "limit": JSONValue(Self.chunkBytes)])
                guard let data = part?["data"]?.string.flatMap({ Data(base64Encoded: $0) }), !data.isEmpty else {
                    throw Exit(code: Exit.unreachable, message: "jobctl: the file \(id) did not come.")
                }
                if let reason = Output.rest(of: Array(data), to: descriptor) {
                    throw SystemError("write", path, errno: reason)
                }
                offset += Int64(data.count)
            }
            paths.append(path)
        }
        return paths
    }

    /// Brings what a program has made to the daemon, as an artifact of the job.
    func bring(_ name: String, from room: WorkRoom, mediaType: String?, of job: ClaimedJob) async throws {
        let path = "\(room.output)/\(name)"
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        var begin = with(job.lease, ["name": .string(name)])
        begin["mediaType"] = mediaType.map(JSONValue.string)
        guard let upload = try await link.call(.beginArtifact, begin)?["fileId"] else { throw away }
        var buffer = [UInt8](repeating: 0, count: Self.chunkBytes)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            let data = JSONValue.string(Data(buffer[..<count]).base64EncodedString())
            // An upload ends with its connection.
            guard try await link.call(.appendArtifact, ["fileId": upload, "data": data], repeats: false) != nil else {
                throw away
            }
        }
        guard try await link.call(.commitArtifact, ["fileId": upload], repeats: false) != nil else { throw away }
    }

    private var away: Exit {
        Exit(code: Exit.unreachable, message: "jobctl: the daemon went away while a file was brought.")
    }

    private func with(_ lease: JSONObject, _ more: JSONObject) -> JSONObject {
        var params = lease
        for member in more.members { params[member.key] = member.value }
        return params
    }
}
