import CSpawn
import Dispatch
import Glibc

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
        var ends: [CInt] = [0, 0]
        guard pipe_pair(&ends) == 0 else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var started = pid_t()
        let outcome = posix_spawnp(&started, words[0], &actions, nil, &arguments, environ)
        close(ends[1])
        guard outcome == 0 else {
            close(ends[0])
            return nil
        }
        process = started
        descriptor = ends[0]
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
        // It has inherited a thread's blocked signals; this one cannot be blocked.
        kill(process, SIGKILL)
        var status: CInt = 0
        waitpid(process, &status, 0)
    }
}
