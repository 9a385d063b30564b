/// What one socket holds, in bytes: messages that arrive or wait for their answers, and what its client has not taken.
struct SocketBytes {
    private(set) var count = 0
    /// What its client has not taken, which is part of the other.
    private var unsent = 0

    mutating func hold(_ count: Int) { self.count += count }

    /// Counts what was sent to a client that takes nothing at the moment.
    mutating func holdUnsent(_ count: Int) {
        unsent += count
        self.count += count
    }

    /// Gives back what is no longer held, as far as it was; answers how much that was.
    mutating func release(_ count: Int) -> Int {
        let released = min(count, self.count)
        self.count -= released
        return released
    }

    /// The client has taken what was sent.
    mutating func releaseUnsent() -> Int {
        defer { unsent = 0 }
        return release(unsent)
    }

    mutating func releaseAll() -> Int {
        defer { self = SocketBytes() }
        return count
    }
}
