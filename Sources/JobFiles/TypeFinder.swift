import Glibc
package import JobSystem

/// Finds the media types of files, without reading any of them: ``TypeExec`` does, in a process for each file.
///
/// Methods may be called from any thread.
package final class TypeFinder: Sendable {
    /// How long a process for a file may take; its processor time has a limit of its own.
    private static let patience = Duration.seconds(30)

    private let server: ForkServer

    /// - Parameter executable: The one that has `type-exec`.
    package init(executable: String) {
        server = ForkServer(.child(executable: executable, words: [TypeExec.word]))
    }

    /// Has the process started that others are forked from, so that no file has to wait for it.
    package func warmUp() { server.warmUp() }

    /// The type of what a descriptor has open; blocks, and leaves the descriptor's position where it was.
    ///
    /// - Returns: ``MediaType/unknown`` also for a file over which the process that reads it ends.
    /// - Throws: When there is no such process.
    package func type(of descriptor: CInt) throws(SystemError) -> String {
        // Opened once more: to be read only, and without the lock that what is given may have, which would go with its last copy.
        let path = "/proc/self/fd/\(descriptor)"
        let file = try SystemError.check("open", open(path, O_RDONLY | O_CLOEXEC), of: path)
        defer { close(file) }
        // What has ended without an answer may have been killed for want of memory; a second one has not.
        for _ in 1...2 {
            if let answer = try ask(file) { return try answer.result.get() }
        }
        return MediaType.unknown
    }

    private func ask(_ file: CInt) throws(SystemError) -> TypeAnswer? {
        let (own, other) = try Descriptors.pipe()
        defer { close(own) }
        try send(file, other)
        guard Polling.wait(own, for: Self.patience) else {
            server.replace()
            throw SystemError(TypeExec.word, errno: ETIMEDOUT)
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: TypeAnswer.maximumBytes) { buffer, count in
            count = max(0, read(own, buffer.baseAddress, buffer.count))
        }
        return TypeAnswer(line: String(decoding: bytes, as: UTF8.self))
    }

    /// Only the other process holds the end for its answer then, so that its end is seen.
    private func send(_ file: CInt, _ answer: CInt) throws(SystemError) {
        defer { close(answer) }
        try server.fork([file, answer])
    }
}
