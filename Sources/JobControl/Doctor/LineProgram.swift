import Dispatch
import Glibc
import JobSystem

/// A program that runs beside this one, and whose lines are read as they come: standard output and errors together.
///
/// `@unchecked Sendable`: the descriptor and the bytes are only touched on `queue`.
final class LineProgram: @unchecked Sendable {
    enum Line: Hashable, Sendable {
        case line(String)
        /// Nothing has come in time.
        case silence
        /// The program has ended, or closed its output.
        case end
    }

    private let queue = DispatchQueue(label: "jobctl.program")
    private let process: pid_t
    private let descriptor: CInt
    private var bytes: [UInt8] = []
    private var isAtEnd = false

    /// Starts a program, which is found in PATH; nil when it cannot be started.
    init?(_ words: [String]) {
        var environment: [String: String] = [:]
        var entry = environ
        while let variable = entry.pointee {
            let parts = String(cString: variable).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        guard let name = words.first,
            let path = ProgramPath.find(name, in: environment["PATH"] ?? ProgramPath.standard),
            let (reading, writing) = try? Descriptors.pipe()
        else { return nil }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer {
            close(null)
            close(writing)
        }
        let spawn = Spawn(
            path: path, arguments: words, environment: environment, descriptors: [null, writing, writing])
        guard let started = try? spawn.start() else {
            close(reading)
            return nil
        }
        process = started
        descriptor = reading
    }

    /// The next line without its end, or that none came.
    func next(within patience: Duration) async -> Line {
        let deadline = ContinuousClock.now + patience
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.read(until: deadline)) }
        }
    }

    /// Every line until the end.
    func rest(within patience: Duration) async -> [String] {
        let deadline = ContinuousClock.now + patience
        var lines: [String] = []
        while case .line(let line) = await next(within: deadline - .now) { lines.append(line) }
        return lines
    }

    private func read(until deadline: ContinuousClock.Instant) -> Line {
        dispatchPrecondition(condition: .onQueue(queue))
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: bytes[..<end], as: UTF8.self)
                bytes.removeFirst(end + 1)
                return .line(line.hasSuffix("\r") ? String(line.dropLast()) : line)
            }
            if isAtEnd {
                defer { bytes = [] }
                return bytes.isEmpty ? .end : .line(String(decoding: bytes, as: UTF8.self))
            }
            let left = (deadline - .now) / .milliseconds(1)
            var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&wish, 1, CInt(left.rounded(.up))) != 0 else { return .silence }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 { bytes += chunk[..<count] } else if count == 0 || errno != EINTR { isAtEnd = true }
        }
    }

    deinit {
        close(descriptor)
        kill(process, SIGKILL)
        var status: CInt = 0
        waitpid(process, &status, 0)
    }
}
