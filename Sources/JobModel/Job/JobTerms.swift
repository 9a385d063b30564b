package import JSON

/// What was asked for a job's life when it was made, beside what it is to do.
package struct JobTerms: Usual, Sendable {
    /// What the end of the jobs that it waits for must be.
    package enum AfterPolicy: String, Hashable, Sendable, CaseIterable {
        /// All have completed; when one does not, this one fails.
        case completed
        /// All have ended, however.
        case ended
    }

    /// Narrowed by those of its pipeline.
    package var timeouts: TimeLimits
    /// How long it waits between attempts; where it says nothing, as its pipeline does.
    package var retry: RetryPolicy
    /// Of those with the same key, a queue may run a few only.
    package var limitKey: JobKey?
    /// Of those with the same key, one is not final.
    package var dedupeKey: JobKey?
    /// The jobs that it waits for; at most ``Limits/dependencies``.
    package var after: [JobID]
    /// What becomes of it when one of those does not complete.
    package var afterPolicy: AfterPolicy
    /// The batch all of whose jobs it waits for.
    package var follows: BatchID?
    /// The batch that it is one of.
    package var batchId: BatchID?
    /// The name of the schedule that made it.
    package var schedule: ScheduleName?
    /// What is told of it, whatever its type.
    package var webhook: WebhookName?
    /// Of the jobs that it waits for, those that had failed when it was retried, with their versions then: they are waited
    /// for until they have ended anew.
    package var excused: [JobID: Int64]
    /// The moment that an operator named for an attempt after the first: while it is ``Job/Times/runAt``, that is a moment of the
    /// wall clock, and not the end of a wait.
    package var namedStart: Timestamp?

    package init(
        timeouts: TimeLimits = TimeLimits(), retry: RetryPolicy = RetryPolicy(), limitKey: JobKey? = nil,
        dedupeKey: JobKey? = nil, after: [JobID] = [], afterPolicy: AfterPolicy = .completed,
        follows: BatchID? = nil, batchId: BatchID? = nil, schedule: ScheduleName? = nil, webhook: WebhookName? = nil,
        excused: [JobID: Int64] = [:], namedStart: Timestamp? = nil
    ) {
        self.timeouts = timeouts
        self.retry = retry
        self.limitKey = limitKey
        self.dedupeKey = dedupeKey
        self.after = after
        self.afterPolicy = afterPolicy
        self.follows = follows
        self.batchId = batchId
        self.schedule = schedule
        self.webhook = webhook
        self.excused = excused
        self.namedStart = namedStart
    }

    /// Whether it waits for anything to end.
    var waitsForOthers: Bool { !after.isEmpty || follows != nil }

    /// Whether nothing was asked for, so that nothing is stored.
    package var isEmpty: Bool { self == .usual }

    /// Those that ask for nothing.
    package static let usual = JobTerms()
}

extension JobTerms {
    /// As a store keeps it.
    package var json: JSONValue {
        var object = JSONObject()
        if !timeouts.isEmpty { object["timeouts"] = timeouts.json }
        object["retryDelay"] = retry.delay.map { JSONValue($0.inMilliseconds) }
        object["maximumRetryDelay"] = retry.maximumDelay.map { JSONValue($0.inMilliseconds) }
        object["limitKey"] = limitKey?.json
        object["dedupeKey"] = dedupeKey?.json
        if !after.isEmpty { object["after"] = .array(after.map { .string($0.description) }) }
        if afterPolicy != .completed { object["afterPolicy"] = .string(afterPolicy.rawValue) }
        object["follows"] = follows.map { .string($0.description) }
        object["batchId"] = batchId.map { .string($0.description) }
        object["schedule"] = schedule.map { .string($0.description) }
        object["webhook"] = webhook.map { .string($0.description) }
        object["namedStart"] = namedStart.map { JSONValue($0.milliseconds) }
        if !excused.isEmpty {
            let members = excused.sorted { $0.key.description < $1.key.description }
            object["excused"] = .object(
                JSONObject(members.map { .init(key: $0.key.description, value: JSONValue($0.value)) }))
        }
        return .object(object)
    }

    /// Nil when a member is wrong; others are ignored.
    package init?(json: JSONValue) {
        let after = json["after"]?.array ?? []
        let policy = json["afterPolicy"]?.string ?? AfterPolicy.completed.rawValue
        let excused = json["excused"]?.object?.members ?? []
        guard json.object != nil, let policy = AfterPolicy(rawValue: policy) else { return nil }
        self.init(
            timeouts: json["timeouts"].map(TimeLimits.init(json:)) ?? TimeLimits(),
            retry: RetryPolicy(
                delay: json["retryDelay"]?.integer.map { .milliseconds($0) },
                maximumDelay: json["maximumRetryDelay"]?.integer.map { .milliseconds($0) }),
            limitKey: json["limitKey"].flatMap(JobKey.init(json:)),
            dedupeKey: json["dedupeKey"].flatMap(JobKey.init(json:)),
            after: after.compactMap { $0.string.flatMap(JobID.init) }, afterPolicy: policy,
            follows: json["follows"]?.string.flatMap(BatchID.init),
            batchId: json["batchId"]?.string.flatMap(BatchID.init),
            schedule: json["schedule"]?.string.flatMap(ScheduleName.init),
            webhook: json["webhook"]?.string.flatMap(WebhookName.init),
            namedStart: json["namedStart"]?.integer.map { Timestamp(milliseconds: $0) })
        for member in excused {
            guard let id = JobID(member.key), let version = member.value.integer else { return nil }
            self.excused[id] = version
        }
        guard self.after.count == after.count else { return nil }
    }
}
