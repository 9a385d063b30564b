import Glibc
import JobSystem

/// Reads what a step prints and how its supervisor says it ended; sees to silence and to how much is printed.
struct StepReader {
    private let pipes: StepPipes
    private let limits: StepLimits
    /// Where lines come from.
    private var sources: [CInt: (stream: StepProcess.Stream, lines: LineSplitter)]
    private var open: Set<CInt>
    private var printedBytes: Int64 = 0
    private var lastWord = ContinuousClock.now
    /// What the supervisor said.
    private(set) var status = ""
    private var cause: StepExit?

    init(pipes: StepPipes, reports: CInt?, limits: StepLimits) {
        self.pipes = pipes
        self.limits = limits
        sources = [pipes.stdout: (.stdout, LineSplitter()), pipes.stderr: (.stderr, LineSplitter())]
        if let reports { sources[reports] = (.reports, LineSplitter()) }
        open = Set(sources.keys).union([pipes.status])
    }

    /// Reads until the supervisor has ended; returns why it was told to end the command, nil when it was not.
    mutating func read(until cancellation: Cancellation, onLine: (StepProcess.Stream, String) -> Void) -> StepExit? {
        while open.contains(pipes.status) {
            var watched = open.sorted()
            if cause == nil { watched.append(cancellation.descriptor) }
            let events = Polling.wait(watched, for: timeToSilence)
            for (descriptor, isReady) in zip(watched, events) where isReady {
                if descriptor == cancellation.descriptor {
                    end(because: .cancelled(killed: false))
                } else {
                    take(from: descriptor, onLine: onLine)
                }
            }
            if let time = timeToSilence, time <= .zero { end(because: .silence) }
        }
        // Whatever is left in the pipes; nobody who matters writes any more.
        for descriptor in sources.keys.sorted() where open.contains(descriptor) {
            while take(from: descriptor, onLine: onLine) {}
        }
        if case .cancelled = cause { return nil }
        return cause
    }

    /// Hands over lines that had no end.
    mutating func finish(onLine: (StepProcess.Stream, String) -> Void) {
        for descriptor in sources.keys.sorted() {
            guard let stream = sources[descriptor]?.stream else { continue }
            sources[descriptor]?.lines.finish { onLine(stream, $0) }
        }
    }

    private var timeToSilence: Duration? {
        guard cause == nil, let silence = limits.silence else { return nil }
        return lastWord + silence - .now
    }

    private mutating func end(because cause: StepExit) {
        guard self.cause == nil else { return }
        self.cause = cause
        pipes.endControl()
    }

    /// Reads once; returns whether there was anything.
    @discardableResult
    private mutating func take(from descriptor: CInt, onLine: (StepProcess.Stream, String) -> Void) -> Bool {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            count = max(0, result)
        }
        guard result > 0 else {
            if result == 0 || (errno != EAGAIN && errno != EINTR) { open.remove(descriptor) }
            return false
        }
        if descriptor == pipes.status {
            status += String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
            return true
        }
        guard let stream = sources[descriptor]?.stream else { return true }
        lastWord = .now
        printedBytes += Int64(bytes.count)
        if printedBytes > limits.printedBytes {
            end(because: .outputLimit)
        } else {
            sources[descriptor]?.lines.add(bytes) { onLine(stream, $0) }
        }
        return true
    }
}
