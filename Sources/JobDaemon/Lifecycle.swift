/// Whether the daemon is to stop, and who waits for it to come to rest.
struct Lifecycle {
    private(set) var isStopping = false
    private var waitingForIdle = Sleepers()
    /// A start that the store refuses.
    private var waitingForStore = Sleepers()

    /// Nothing new begins; a start that waits for the store gives up.
    mutating func stop() {
        isStopping = true
        waitingForStore.wake()
    }

    mutating func waitForIdle(_ continuation: CheckedContinuation<Void, Never>) { waitingForIdle.add(continuation) }

    mutating func becameIdle() { waitingForIdle.wake() }

    mutating func waitForStore(_ continuation: CheckedContinuation<Void, Never>) { waitingForStore.add(continuation) }

    mutating func tryStoreAgain() { waitingForStore.wake() }
}
