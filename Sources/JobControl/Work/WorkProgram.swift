import Dispatch
import Glibc
import JobModel
import JobSystem
import Synchronization

/// A program that runs for one job.
final class WorkProgram: Sendable {
    /// What is run, and with which surroundings.
    struct Command: Sendable {
        let path: String
        let arguments: [String]
        var environment: [String: String]
    }

    /// How long is waited for the last words of whoever has its pipes.
    private static let patience = Duration.seconds(5)

    private let process: pid_t
    private let reading: [WorkPipe]
    private let output: WorkOutput
    private let status = Mutex<CInt?>(nil)

    /// Starts it, in a process group of its own.
    ///
    /// - Throws: `SystemError`.
    init(_ command: Command, in directory: String, output: WorkOutput) throws {
        self.output = output
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let pipes = try (0..<3).map { _ in try WorkPipe() }
        defer {
            if null >= 0 { close(null) }
            for pipe in pipes { close(pipe.writing) }
        }
        var spawn = Spawn(
            path: command.path, arguments: command.arguments, environment: command.environment,
            descriptors: [null] + pipes.map(\.writing))
        spawn.directory = directory
        spawn.hasOwnGroup = true
        process = try spawn.start()
        reading = pipes
        try Self.follow(pipes[0], named: "stdout", until: output) { output.print($0, to: .stdout) }
        try Self.follow(pipes[1], named: "stderr", until: output) { output.print($0, to: .stderr) }
        try Self.follow(pipes[2], named: "reports", until: output) { output.report($0) }
    }

    private static func follow(
        _ pipe: WorkPipe, named name: String, until output: WorkOutput, _ take: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        try startThread(named: name) {
            pipe.forEachLine { line in
                // Not more than is told: then the program waits.
                while output.isFull { usleep(10_000) }
                take(line)
            }
        }
    }

    /// Waits for its end and for what it has said; how it ended, as `waitpid` says it.
    func end() async -> CInt {
        let status = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [process] in
                var status: CInt = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        self.status.withLock { $0 = status }
        // What it has left running is not its job any more.
        _ = Glibc.kill(-process, SIGKILL)
        let end = ContinuousClock.now + Self.patience
        while !reading.allSatisfy(\.isOver), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        return status
    }

    /// Asks it to stop.
    func terminate() { send(SIGTERM) }

    /// Stops it.
    func kill() { send(SIGKILL) }

    private func send(_ signal: CInt) {
        status.withLock { if $0 == nil { _ = Glibc.kill(-process, signal) } }
    }
}

/// A pipe from a program.
final class WorkPipe: Sendable {
    let writing: CInt
    private let descriptor: CInt
    private let over = WorkFlag()

    init() throws(SystemError) {
        (descriptor, writing) = try Descriptors.pipe()
    }

    deinit { close(descriptor) }

    /// Whether nobody writes any more, and everything was read.
    var isOver: Bool { over.isSet }

    /// Reads until nobody writes any more; blocks.
    func forEachLine(_ take: (String) -> Void) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                take(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
            if rest.count > Limits.lineBytes {
                take(String(decoding: rest, as: UTF8.self))
                rest = []
            }
        }
        if !rest.isEmpty { take(String(decoding: rest, as: UTF8.self)) }
        over.set()
    }
}
