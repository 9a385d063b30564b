package import JSON

/// The fields that an application's report names; what it leaves out stays.
package struct Update: Hashable, Sendable {
    /// The states that an application may report.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case processing, completed, failed
    }

    /// A line for the job's log.
    package struct Line: Hashable, Sendable {
        /// Where a step would have written it.
        package enum Stream: String, Hashable, Sendable, CaseIterable {
            case stdout, stderr
        }

        /// Where a reader of the log finds it.
        package let stream: Stream
        /// At most ``Limits/lineBytes`` of UTF-8, without a line feed.
        package let text: String

        package init(stream: Stream, text: String) {
            self.stream = stream
            self.text = text
        }
    }

    /// The fields, by their names on the wire.
    package enum Part: String, Hashable, Sendable, CaseIterable {
        case status, progress, step, message, metadata, result, error, leaseSeconds, lines, priority, runAt
    }

    /// The state that the application has brought the job to; nil: the same.
    package var status: Status?
    /// 0 to 100; nil and lower values than before change nothing.
    package var progress: Double?
    /// What it is doing; at most ``Limits/textBytes``.
    package var step: Field<String>
    /// A sentence for people; at most ``Limits/textBytes``.
    package var message: Field<String>
    /// An RFC 7396 merge patch, which is an object.
    package var metadata: JSONValue?
    /// An object of at most ``Limits/resultBytes``; only beside `completed`.
    package var result: Field<JSONText>
    /// Why it failed; only beside `failed`.
    package var error: JobFailure?
    /// How long the application may be silent from each report on.
    package var leaseSeconds: Int?
    /// For the log, in order; at most ``Limits/reportLines``.
    package var lines: [Line]
    /// One of ``Limits/priorities``, for a job that has not started; nil: as before.
    package var priority: Int?
    /// Null and what has passed mean now.
    package var runAt: Field<Timestamp>
    /// The application's run that this is a word of; while another one goes on, or none, it is refused.
    ///
    /// Nil: of whichever goes on, or begins with it.
    package var run: Int64?

    package init(
        status: Status? = nil, progress: Double? = nil, step: Field<String> = .absent,
        message: Field<String> = .absent, metadata: JSONValue? = nil, result: Field<JSONText> = .absent,
        error: JobFailure? = nil, leaseSeconds: Int? = nil, lines: [Line] = [], priority: Int? = nil,
        runAt: Field<Timestamp> = .absent, run: Int64? = nil
    ) {
        self.status = status
        self.progress = progress
        self.step = step
        self.message = message
        self.metadata = metadata
        self.result = result
        self.error = error
        self.leaseSeconds = leaseSeconds
        self.lines = lines
        self.priority = priority
        self.runAt = runAt
        self.run = run
    }

    /// What the report names.
    package var parts: Set<Part> {
        let named: [(Part, Bool)] = [
            (.status, status != nil), (.progress, progress != nil), (.step, step != .absent),
            (.message, message != .absent), (.metadata, metadata != nil), (.result, result != .absent),
            (.error, error != nil), (.leaseSeconds, leaseSeconds != nil), (.lines, !lines.isEmpty),
            (.priority, priority != nil), (.runAt, runAt != .absent),
        ]
        return Set(named.filter(\.1).map(\.0))
    }
}
