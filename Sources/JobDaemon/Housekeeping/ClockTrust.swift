import JobModel
import JobStorage

/// Whether the time of day can be right, so that what goes by its age may go.
///
/// A machine whose clock has lost its battery, or that was copied, may come up in another year. So the clock is believed as
/// far as the time explains it that has passed since it was believed last; beyond that, when the kernel says that it is
/// kept right, or an operator does.
struct ClockTrust {
    enum Verdict: Hashable {
        /// With a reading that is to be stored, now and then.
        case believed(ClockAnchor?)
        /// It is ahead by so much of what can be explained.
        case doubted(ahead: Duration)
    }

    /// A clock may be corrected by so much without a word.
    static let tolerance = Duration.hours(1)
    /// How old the stored reading may be.
    private static let storedAge = Duration.seconds(600)

    private var anchor: ClockAnchor?
    private var stored: ClockAnchor?
    private var isConfirmed = false
    /// By how much the clock is ahead of what can be explained; nil while it is believed.
    private(set) var ahead: Duration?

    /// - Parameter anchor: What was believed last, by whichever daemon; nil when nothing is known.
    init(anchor: ClockAnchor?) {
        self.anchor = anchor
    }

    /// The operator says that the clock is right, whatever it says now.
    mutating func confirm() { isConfirmed = true }

    /// Judges a reading.
    mutating func judge(_ reading: ClockAnchor, isSynchronized: Bool) -> Verdict {
        let ahead = anchor.map { reading.now - $0.now - reading.passed(since: $0) } ?? .zero
        if ahead > Self.tolerance, !isSynchronized, !isConfirmed {
            self.ahead = ahead
            return .doubted(ahead: ahead)
        }
        isConfirmed = false
        self.ahead = nil
        anchor = reading
        if let stored, stored.bootId == reading.bootId, reading.now >= stored.now,
            reading.now - stored.now < Self.storedAge
        {
            return .believed(nil)
        }
        stored = reading
        return .believed(reading)
    }
}

extension ClockAnchor {
    /// What has passed for sure since another reading: after a start of the machine, what has passed since that.
    fileprivate func passed(since other: ClockAnchor) -> Duration {
        .milliseconds(bootId == other.bootId && !bootId.isEmpty ? passed - other.passed : passed)
    }
}
