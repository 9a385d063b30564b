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
    private(set) var words = SupervisorWords()
    private var cause: StepExit?
    /// The latest moment for the supervisor to begin, and then to end the step; nil while it may go on.
    private var deadline: ContinuousClock.Instant?
    private let started = ContinuousClock.now
    private var isGivenUp = false
    private let patience: Duration

    init(pipes: StepPipes, reports: CInt?, limits: StepLimits, patience: Duration, startPatience: Duration) {
        self.pipes = pipes
        self.limits = limits
        self.patience = patience
        sources = [pipes.stdout: (.stdout, LineSplitter()), pipes.stderr: (.stderr, LineSplitter())]
        if let reports { sources[reports] = (.reports, LineSplitter()) }
        open = Set(sources.keys).union([pipes.status])
        deadline = started + startPatience
    }

    /// Reads until the supervisor is done with the step; returns why it was told to end the command, nil when it was not.
    ///
    /// When it has not begun or not ended the step in time, `giveUp` is called, which kills it and everything below it: with
    /// its process id, or nil when it has not begun.
    mutating func read(
        until cancellation: Cancellation, onLine: (StepProcess.Stream, String) -> Void,
        giveUp: (pid_t?) -> Void
    ) -> StepExit? {
        while open.contains(pipes.status) {
            var watched = open.sorted()
            if cause == nil { watched.append(cancellation.descriptor) }
            let events = Polling.wait(watched, for: timeToWait)
            for (descriptor, isReady) in zip(watched, events) where isReady {
                if descriptor == cancellation.descriptor {
                    end(because: .cancelled(killed: false))
                } else {
                    take(from: descriptor, onLine: onLine)
                }
            }
            if let time = timeToSilence, time <= .zero { end(because: .silence) }
            if let deadline, .now >= deadline, open.contains(pipes.status) {
                // A second time, what was killed does not go: then nobody waits for it here any more.
                if isGivenUp { break }
                isGivenUp = true
                if words.process == nil { cause = .shortage(reason: Self.withoutSupervisor) }
                if cause == nil { end(because: .timeout) }
                self.deadline = .now + patience * 2
                giveUp(words.process)
            }
        }
        if case .cancelled = cause { return nil }
        return cause
    }

    /// Takes what is left in the pipes: as much as they hold and not more, since somebody may go on writing.
    mutating func readRest(onLine: (StepProcess.Stream, String) -> Void) {
        for descriptor in sources.keys.sorted() where open.contains(descriptor) {
            var rest = Descriptors.capacity(ofPipe: descriptor)
            while rest > 0, case let count = take(from: descriptor, onLine: onLine), count > 0 { rest -= count }
        }
        finish(onLine: onLine)
    }

    /// Hands over lines that had no end.
    private mutating func finish(onLine: (StepProcess.Stream, String) -> Void) {
        for descriptor in sources.keys.sorted() {
            guard let stream = sources[descriptor]?.stream else { continue }
            sources[descriptor]?.lines.finish { onLine(stream, $0) }
        }
    }

    private static let withoutSupervisor = "the process that supervisors are forked from did not answer"

    private var timeToWait: Duration? {
        [timeToSilence, deadline.map { $0 - .now }].compactMap(\.self).min()
    }

    private var timeToSilence: Duration? {
        guard cause == nil, let silence = limits.silence else { return nil }
        return lastWord + silence - .now
    }

    private mutating func end(because cause: StepExit) {
        guard self.cause == nil else { return }
        self.cause = cause
        deadline = .now + limits.grace * 2 + patience
        pipes.endControl()
    }

    /// Reads once; returns how many bytes there were.
    @discardableResult
    private mutating func take(from descriptor: CInt, onLine: (StepProcess.Stream, String) -> Void) -> Int {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            count = max(0, result)
        }
        guard result > 0 else {
            if result == 0 || (errno != EAGAIN && errno != EINTR) { open.remove(descriptor) }
            return 0
        }
        if descriptor == pipes.status {
            let hadBegun = words.process != nil
            words.add(bytes)
            if !hadBegun, words.process != nil, cause == nil {
                // Until then nobody could have said a word.
                lastWord = .now
                deadline = limits.timeout.map { started + $0 + limits.grace * 2 + patience }
            }
            return bytes.count
        }
        guard let stream = sources[descriptor]?.stream else { return bytes.count }
        lastWord = .now
        printedBytes += Int64(bytes.count)
        if printedBytes > limits.printedBytes {
            end(because: .outputLimit)
        } else {
            sources[descriptor]?.lines.add(bytes) { onLine(stream, $0) }
        }
        return bytes.count
    }
}
