/// What somebody may do, and which jobs and files there are for him: decided once from who asks, before anything is done.
package struct Access: Hashable, Sendable {
    /// Which jobs and files there are for somebody.
    package enum Reach: Hashable, Sendable {
        /// Everything there is.
        case all
        /// Whatever he can name.
        case named
        /// What is his own, and what is nobody's under an id that cannot be guessed.
        case own(String)
        /// What is nobody's, under an id that cannot be guessed.
        case unguessable
        /// This one job, whoever owns it.
        case job(JobID)
    }

    /// What he may do at all; which jobs he may do it to says ``reach``.
    package let rights: Set<Right>
    /// Which jobs there are for him.
    package let reach: Reach
    /// Whose jobs he makes; nil for nobody's.
    package let owner: String?
    /// Whose quota is used up by what he makes; nil for who counts in the totals only.
    package var account: Account?

    package init(rights: Set<Right>, reach: Reach, owner: String? = nil) {
        self.rights = rights
        self.reach = reach
        self.owner = owner
    }

    /// For the daemon itself, and for whoever may open its own sockets.
    package static let everything = Access(rights: Set(Right.allCases), reach: .all)

    /// Whether he may do what this right is for.
    package func has(_ right: Right) -> Bool { right == .public || rights.contains(right) }

    /// Whether he may do everything, to everybody's jobs.
    package var isOperator: Bool { rights.contains(.operate) }

    /// Whether there are lists for him, which name what he has not named.
    package var mayList: Bool {
        switch reach {
        case .all, .own: true
        case .named, .unguessable, .job: false
        }
    }

    /// Whose jobs his lists have; nil: everybody's.
    package var listedOwner: String? {
        guard case .own(let own) = reach else { return nil }
        return own
    }

    /// The same with fewer rights.
    package func limited(to others: Set<Right>) -> Access {
        var access = Access(rights: rights.intersection(others), reach: reach, owner: owner)
        access.account = account
        return access
    }

    // MARK: What there is for him

    /// Whether a job of this id and owner exists for him, or did; what does not is as if it never had.
    package func sees(_ id: JobID, of owner: String?) -> Bool {
        switch reach {
        case .all, .named: true
        case .own(let own): owner.map { $0 == own } ?? id.isUnguessable
        case .unguessable: owner == nil && id.isUnguessable
        case .job(let job): id == job
        }
    }

    /// Whether a job, or the tombstone of one, is there for him.
    package func sees(_ record: JobRecord) -> Bool { sees(record.jobId, of: record.owner) }

    /// Whether a batch is there for him; who has no name makes none.
    package func sees(_ batch: JobBatch) -> Bool {
        switch reach {
        case .all, .named: true
        case .own(let own): batch.owner == own
        case .unguessable, .job: false
        }
    }

    /// The ids of files are made by whoever stores them, and cannot be guessed.
    package func sees(_ file: FileRecord) -> Bool {
        switch reach {
        case .all, .named: true
        case .own(let own): file.owner.map { $0 == own } ?? true
        case .unguessable: file.owner == nil
        case .job: file.owner == nil || file.owner == owner
        }
    }

    /// As its file.
    package func sees(_ upload: UploadRecord) -> Bool {
        switch reach {
        case .all, .named: true
        case .own(let own): upload.owner.map { $0 == own } ?? true
        case .unguessable: upload.owner == nil
        case .job: upload.owner == nil || upload.owner == owner
        }
    }

    // MARK: What he may make

    /// How far ahead nobody may schedule a job.
    private static let nobodysFuture = Duration.days(1)

    /// Refuses what he may not ask for, whatever there is.
    package func check(_ command: Command, at now: Timestamp) throws(JobError) {
        switch command {
        case .create(let creation), .process(let creation): try check(creation, at: now)
        case .createBatch(let creation):
            guard reach != .unguessable else {
                throw .forbidden(reason: "Only who has signed in, or sends a token, may make batches.")
            }
            for (index, job) in creation.jobs.enumerated() {
                try JobError.within("/jobs/\(index)") { () throws(JobError) in try check(job, at: now) }
            }
            if let then = creation.then {
                try JobError.within("/then") { () throws(JobError) in try check(then, at: now) }
            }
        default: break
        }
    }

    private func check(_ creation: Creation, at now: Timestamp) throws(JobError) {
        if creation.owner != nil, !isOperator {
            throw .forbidden(reason: "Only operators may say whose a job is.")
        }
        switch reach {
        case .all, .named, .own: return
        case .job(let job):
            guard creation.jobId == job else { throw .forbidden(reason: "This token is for the job \(job) alone.") }
        case .unguessable:
            guard creation.jobId.isUnguessable else {
                throw .forbidden(
                    reason:
                        "An id that can be guessed needs an owner: sign in, send a token, leave out the jobId, or use "
                        + "a UUID.")
            }
            let taken = creation.fieldsOfOwners
            guard taken.isEmpty else {
                throw .forbidden(
                    reason: "Only who has signed in, or sends a token, may set \(taken.joined(separator: ", ")).")
            }
            guard creation.start?.isWithin(Self.nobodysFuture, of: now) ?? true else {
                throw .forbidden(
                    reason: "Only who has signed in, or sends a token, may schedule a job more than a day ahead.")
            }
        }
    }

    /// Whether he may make jobs of a pipeline for these.
    package func isOne(of creators: Rules.Creators) -> Bool {
        switch creators {
        case .anybody: true
        case .owners: owner != nil || isOperator
        case .operators: isOperator
        }
    }
}

extension Creation {
    /// The fields that it sets and that decide about others.
    fileprivate var fieldsOfOwners: [String] {
        [
            ("priority", priority != nil), ("maxAttempts", maxAttempts != nil), ("queue", queue != nil),
            ("retry", terms.retry != RetryPolicy()), ("timeouts", !terms.timeouts.isEmpty),
            ("limitKey", terms.limitKey != nil), ("dedupeKey", terms.dedupeKey != nil), ("after", !terms.after.isEmpty),
            ("webhook", terms.webhook != nil),
        ]
        .filter(\.1).map(\.0)
    }
}

extension Creation.Start {
    fileprivate func isWithin(_ span: Duration, of now: Timestamp) -> Bool {
        switch self {
        case .at(let moment): moment <= now + span
        case .after(let delay): delay <= span
        }
    }
}
