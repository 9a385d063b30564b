import ArgumentParser
import Glibc
import JSON
import JobWire

/// A local file, or standard input, on its way to the daemon.
struct LocalFile {
    static let nameOfInput = "stdin"
    /// Bytes in one request; base64 makes them a third longer.
    private static let chunkBytes = 512 * 1024

    /// Standard input is `-`.
    let path: String
    /// What standard input is called.
    let name: String

    private var isInput: Bool { path == "-" }

    /// Standard input can be read once.
    static func check(_ files: [String]) throws(ValidationError) {
        guard files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be one of the files, and not two.")
        }
    }

    /// Sends the file and returns its id.
    func send(over session: Session) async throws -> JSONValue {
        let descriptor = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { if !isInput { close(descriptor) } }
        let name = isInput ? name : path.split(separator: "/").last.map(String.init) ?? path
        let id = try await session.call(.beginFile, ["name": .string(name)])["fileId"] ?? .null
        while true {
            let chunk = try readChunk(descriptor)
            if chunk.isEmpty { break }
            _ = try await session.call(.appendFile, ["fileId": id, "data": JSONValue(base64: chunk)])
        }
        return try await session.call(.commitFile, ["fileId": id])["fileId"] ?? .null
    }

    private func readChunk(_ descriptor: CInt) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            let result = read(descriptor, buffer.baseAddress, buffer.count)
            guard result >= 0 else { throw failure("cannot be read") }
            count = result
        }
    }

    private func failure(_ problem: String) -> Exit {
        let reason = String(cString: strerror(errno))
        let subject = isInput ? "standard input" : Output.printable(path)
        return Exit(code: Exit.failure, message: "jobctl: \(subject) \(problem): \(reason).")
    }
}
