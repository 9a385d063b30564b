import JobModel

/// Whether the store takes changes.
enum StoreHealth: Hashable, Sendable {
    /// When to look again; nil while somebody looks.
    struct Trouble: Hashable, Sendable {
        var lookAt: Timestamp?
        /// Between the last two looks.
        var pause: Duration
        let since: Timestamp
    }

    case well
    case full(Trouble)
    case unavailable(Trouble)
    /// It may have taken the last commit or not: nothing is decided until that is known.
    case unknown(Trouble)
    /// Nothing is decided any more, until the service has ended.
    case damaged
    case superseded

    private static let firstPause = Duration.seconds(1)
    /// Between two looks at a disk that stays full.
    private static let longestPause = Duration.seconds(60)
    /// How long the store may leave open what became of a commit, before the service ends to find out.
    private static let longestDoubt = Duration.seconds(10)

    var isWell: Bool { self == .well }

    /// Whether a command may be decided: the store may take it, or says why not.
    var takesDecisions: Bool {
        switch self {
        case .well, .full, .unavailable: true
        case .unknown, .damaged, .superseded: false
        }
    }

    /// Whether the service has to end.
    var isOver: Bool { self == .damaged || self == .superseded }

    /// When to look whether the store takes changes again.
    var lookAt: Timestamp? { trouble?.lookAt }

    private var kind: NoteworthyError? {
        switch self {
        case .well: nil
        case .full: .full
        case .unavailable: .unavailable
        case .unknown: .unknown
        case .damaged: .damaged
        case .superseded: .superseded
        }
    }

    private var trouble: Trouble? {
        switch self {
        case .full(let trouble), .unavailable(let trouble), .unknown(let trouble): trouble
        case .well, .damaged, .superseded: nil
        }
    }

    /// Keeps the span until the next look.
    mutating func clockWasSet(by change: Duration) {
        guard let trouble else { return }
        set(
            Trouble(
                lookAt: trouble.lookAt.map { $0 + change }, pause: trouble.pause, since: trouble.since + change))
    }

    /// Takes note that somebody looks.
    mutating func beginLook() {
        guard var trouble else { return }
        trouble.lookAt = nil
        set(trouble)
    }

    /// Takes note of a refusal of everything; the pause before the next look grows while a disk stays full.
    mutating func note(_ error: NoteworthyError, at now: Timestamp) {
        // A look is due anyway: that many are refused meanwhile says nothing new.
        if isOver || error == kind && lookAt != nil { return }
        var pause = Self.firstPause
        if case .full(let trouble) = self, error == .full { pause = min(trouble.pause * 2, Self.longestPause) }
        let next = Trouble(lookAt: now + pause, pause: pause, since: trouble?.since ?? now)
        switch error {
        // What may have been written stays so until a look has succeeded.
        case .full, .unavailable, .unknown:
            if error == .unknown || kind == .unknown {
                self = .unknown(next)
            } else {
                self = error == .full ? .full(next) : .unavailable(next)
            }
        case .damaged: self = .damaged
        case .superseded: self = .superseded
        }
    }

    /// Whether it has been unknown for too long what became of a commit.
    func isInDoubtForLong(at now: Timestamp) -> Bool {
        if case .unknown(let trouble) = self { trouble.since + Self.longestDoubt <= now } else { false }
    }

    /// What a store says of everything, not of one decision.
    enum NoteworthyError { case full, unavailable, unknown, damaged, superseded }

    private mutating func set(_ trouble: Trouble) {
        switch self {
        case .full: self = .full(trouble)
        case .unavailable: self = .unavailable(trouble)
        case .unknown: self = .unknown(trouble)
        case .well, .damaged, .superseded: break
        }
    }
}
