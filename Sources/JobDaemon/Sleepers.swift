/// Tasks that wait for something of the daemon's.
struct Sleepers {
    private var continuations: [CheckedContinuation<Void, Never>] = []

    mutating func add(_ continuation: CheckedContinuation<Void, Never>) { continuations.append(continuation) }

    /// Lets all go on.
    mutating func wake() {
        let waiting = continuations
        continuations = []
        for continuation in waiting { continuation.resume() }
    }
}
