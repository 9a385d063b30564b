/// Finds out whether somebody still takes what is sent.
struct StallDetector {
    private var sent: UInt64 = 0
    private var taken: UInt64 = 0
    private var isLooking = false

    /// Whether the caller has to look later: nobody does so yet.
    mutating func beginsLooking() -> Bool {
        defer { isLooking = true }
        return !isLooking
    }

    mutating func endsLooking() { isLooking = false }

    mutating func wrote(_ bytes: Int) { sent += UInt64(bytes) }

    /// Whether something was taken since the last look; `unsent` is what waits now.
    mutating func hasMoved(unsent: Int) -> Bool {
        let now = sent - min(UInt64(max(unsent, 0)), sent)
        defer { taken = now }
        return now > taken
    }
}
