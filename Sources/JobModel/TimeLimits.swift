import JSON

/// How long a job may take, and parts of its life; nil: as long as it takes.
package struct TimeLimits: Hashable, Sendable {
    /// The parts of a life that have a limit, by their names on the wire.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Each wait for a slot.
        case queued
        /// Each run.
        case running
        /// A run without a word.
        case silence
        /// The whole life, since it was made or retried.
        case total
    }

    /// Of each wait for a slot, since it became queued.
    package var queued: Duration?
    /// Of each run, since its start.
    package var running: Duration?
    /// Of a run that says nothing, since its last word.
    package var silence: Duration?
    /// Since the job was made or retried.
    package var total: Duration?

    package init(
        queued: Duration? = nil, running: Duration? = nil, silence: Duration? = nil, total: Duration? = nil
    ) {
        self.queued = queued
        self.running = running
        self.silence = silence
        self.total = total
    }

    /// The limit of one kind; nil: none.
    package subscript(kind: Kind) -> Duration? {
        get {
            switch kind {
            case .queued: queued
            case .running: running
            case .silence: silence
            case .total: total
            }
        }
        set {
            switch kind {
            case .queued: queued = newValue
            case .running: running = newValue
            case .silence: silence = newValue
            case .total: total = newValue
            }
        }
    }

    /// Whether there is no limit at all.
    package var isEmpty: Bool { self == TimeLimits() }

    /// The narrower of two limits of each part.
    package func narrowed(by other: TimeLimits) -> TimeLimits {
        var narrow = self
        for kind in Kind.allCases {
            guard let limit = other[kind] else { continue }
            narrow[kind] = min(self[kind] ?? limit, limit)
        }
        return narrow
    }

    var json: JSONValue {
        var object = JSONObject()
        for kind in Kind.allCases { object[kind.rawValue] = self[kind].map { JSONValue($0.inMilliseconds) } }
        return .object(object)
    }

    init(json: JSONValue) {
        for kind in Kind.allCases { self[kind] = json[kind.rawValue]?.integer.map { .milliseconds($0) } }
    }
}
