import JobWire

/// How slow the sender of a body may be: whoever is slower keeps a thread that others could have.
struct UploadPace: Hashable, Sendable {
    /// Bytes of each second, on average.
    static let slowest: Int64 = 1024

    /// How long a sender may be as slow as he wants.
    let grace: Duration

    /// Whether so many bytes are enough after such a time.
    func isKept(by bytes: Int64, after time: Duration) -> Bool {
        time <= grace || bytes / Self.slowest >= time.components.seconds
    }

    func check(_ bytes: Int64, after time: Duration) throws(Refusal) {
        guard isKept(by: bytes, after: time) else {
            throw Refusal(
                .requestTimeout,
                "The body comes too slowly: \(bytes) bytes in \(time.components.seconds) s, "
                    + "and \(Self.slowest) are wanted in each.")
        }
    }
}
