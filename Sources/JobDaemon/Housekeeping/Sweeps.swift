import JobModel

/// When what lies on the disk is looked through, by what has passed since the machine started.
struct Sweeps {
    /// Between two looks at everything.
    private static let interval = Duration.hours(1)
    /// Between two looks.
    private static let pause = Duration.seconds(1)

    private var isRunning = false
    private var next: Duration?
    private var nextWhole: Duration?

    /// Begins a look, at everything when that is due; nil when it is too early, or another one goes on.
    mutating func begin(at passed: Duration) -> Bool? {
        guard !isRunning, next.map({ $0 <= passed }) ?? true else { return nil }
        isRunning = true
        next = passed + Self.pause
        guard nextWhole.map({ $0 <= passed }) ?? true else { return false }
        nextWhole = passed + Self.interval
        return true
    }

    mutating func end() { isRunning = false }
}
