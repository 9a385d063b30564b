import JobModel
import JobStorage
import JobWire

/// Whether the store takes changes.
enum StoreHealth: Hashable, Sendable {
    /// What a store says of everything, not of one decision.
    enum Trouble { case full, unavailable, unknown, damaged, superseded }

    /// A time in which the store takes no changes.
    struct Outage: Hashable, Sendable {
        /// When to look again; nil while somebody looks.
        var lookAt: Timestamp?
        /// Between the last two looks.
        var pause: Duration
        let since: Timestamp
    }

    case well
    case full(Outage)
    case unavailable(Outage)
    /// It may have taken the last commit or not: nothing is decided until that is known.
    case unknown(Outage)
    /// Nothing is decided any more, until the service has ended.
    case damaged
    case superseded

    private static let firstPause = Duration.seconds(1)
    /// Between two looks at a disk that stays full.
    private static let longestPause = Duration.seconds(60)
    /// How long the store may leave open what became of a commit, before the service ends to find out.
    private static let longestDoubt = Duration.seconds(10)

    var isWell: Bool { self == .well }

    /// Why no command may be decided; nil when one may: the store takes it, or says why not.
    var refusalOfAll: Refusal? {
        switch self {
        case .well, .full, .unavailable: nil
        case .unknown: Trouble.unknown.refusal
        case .damaged: Trouble.damaged.refusal
        case .superseded: Trouble.superseded.refusal
        }
    }

    /// Whether the service has to end.
    var isOver: Bool { self == .damaged || self == .superseded }

    /// When to look whether the store takes changes again.
    var lookAt: Timestamp? { outage?.lookAt }

    private var trouble: Trouble? {
        switch self {
        case .well: nil
        case .full: .full
        case .unavailable: .unavailable
        case .unknown: .unknown
        case .damaged: .damaged
        case .superseded: .superseded
        }
    }

    private var outage: Outage? {
        switch self {
        case .full(let outage), .unavailable(let outage), .unknown(let outage): outage
        case .well, .damaged, .superseded: nil
        }
    }

    /// Keeps the span until the next look.
    mutating func clockWasSet(by change: Duration) {
        guard let outage else { return }
        set(Outage(lookAt: outage.lookAt.map { $0 + change }, pause: outage.pause, since: outage.since + change))
    }

    /// Takes note that somebody looks.
    mutating func beginLook() {
        guard var outage else { return }
        outage.lookAt = nil
        set(outage)
    }

    /// Takes note of a refusal of everything; the pause before the next look grows while a disk stays full.
    mutating func note(_ news: Trouble, at now: Timestamp) {
        // A look is due anyway: that many are refused meanwhile says nothing new.
        if isOver || news == trouble && lookAt != nil { return }
        var pause = Self.firstPause
        if case .full(let outage) = self, news == .full { pause = min(outage.pause * 2, Self.longestPause) }
        let next = Outage(lookAt: now + pause, pause: pause, since: outage?.since ?? now)
        switch news {
        // What may have been written stays so until a look has succeeded.
        case .full, .unavailable, .unknown:
            if news == .unknown || trouble == .unknown {
                self = .unknown(next)
            } else {
                self = news == .full ? .full(next) : .unavailable(next)
            }
        case .damaged: self = .damaged
        case .superseded: self = .superseded
        }
    }

    /// Whether it has been unknown for too long what became of a commit.
    func isInDoubtForLong(at now: Timestamp) -> Bool {
        if case .unknown(let outage) = self { outage.since + Self.longestDoubt <= now } else { false }
    }

    private mutating func set(_ outage: Outage) {
        switch self {
        case .full: self = .full(outage)
        case .unavailable: self = .unavailable(outage)
        case .unknown: self = .unknown(outage)
        case .well, .damaged, .superseded: break
        }
    }
}

extension StoreHealth.Trouble {
    /// What an error of a whole commit says of the store.
    init(_ error: StoreError) {
        switch error {
        case .full: self = .full
        case .unavailable, .conflict, .rejected, .damagedRecord: self = .unavailable
        case .unknown: self = .unknown
        case .damaged: self = .damaged
        case .superseded: self = .superseded
        }
    }

    /// As whoever wanted a change is told.
    var refusal: Refusal {
        switch self {
        case .full: Refusal(.storageFull, "There is no space left to store this.")
        case .unavailable, .unknown: Refusal(.unavailable, "The store did not take this; try again in a moment.")
        case .damaged: Refusal(.unavailable, "The store is damaged; the operator is told why.")
        case .superseded: Refusal(.unavailable, "Another daemon owns the store.")
        }
    }
}
