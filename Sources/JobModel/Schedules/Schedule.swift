package import JSON

/// When jobs of a kind are made by themselves.
package struct Schedule: Hashable, Sendable {
    /// What becomes of moments at which the daemon was down.
    package enum Missed: String, Hashable, Sendable, CaseIterable {
        /// One job for all of them.
        case once
        /// None.
        case skip
        /// One for each of the last ``Limits/missedMoments``.
        case all
    }

    /// Who may change it.
    package enum Source: String, Hashable, Sendable {
        case configuration, api
    }

    /// What was asked for.
    package struct Plan: Hashable, Sendable {
        /// As it was written: five fields, or a word such as `@daily`.
        package var cron: String
        /// A name of the system's database, `Europe/Berlin`.
        package var timeZone: String
        /// Of the jobs that it makes.
        package var jobType: String
        /// The pipeline's when nil.
        package var queue: String?
        /// An object.
        package var metadata: JSONText
        /// What becomes of moments that came while the daemon was down.
        package var missed: Missed
        /// Whether a moment counts while the job of the one before has not ended.
        package var overlap: Bool

        package init(
            cron: String, timeZone: String = "UTC", jobType: String, queue: String? = nil,
            metadata: JSONText = .emptyObject, missed: Missed = .once, overlap: Bool = true
        ) {
            self.cron = cron
            self.timeZone = timeZone
            self.jobType = jobType
            self.queue = queue
            self.metadata = metadata
            self.missed = missed
            self.overlap = overlap
        }
    }

    /// Unique among all schedules, whoever made them.
    package let name: ScheduleName
    /// What is made and when; a change counts from the moment at which it is decided.
    package var plan: Plan
    /// Where it was made; only there it is changed.
    package var source: Source
    /// Everything up to this moment has been dealt with.
    package var doneUntil: Timestamp
    /// The job that it made last, which may have been deleted since; nil before the first.
    package var lastJobId: JobID?
    /// Counts stored states.
    package var revision: Int64

    package init(
        name: ScheduleName, plan: Plan, source: Source, doneUntil: Timestamp, lastJobId: JobID? = nil,
        revision: Int64 = 1
    ) {
        self.name = name
        self.plan = plan
        self.source = source
        self.doneUntil = doneUntil
        self.lastJobId = lastJobId
        self.revision = revision
    }
}

extension Schedule {
    var json: JSONValue {
        var object: JSONObject = [
            "cron": .string(plan.cron), "timeZone": .string(plan.timeZone), "jobType": .string(plan.jobType),
            "metadata": plan.metadata.value, "missed": .string(plan.missed.rawValue), "overlap": .bool(plan.overlap),
            "source": .string(source.rawValue), "doneUntil": .string(doneUntil.description),
        ]
        object["queue"] = plan.queue.map { .string($0) }
        object["lastJobId"] = lastJobId.map { .string($0.description) }
        return .object(object)
    }

    init?(_ name: ScheduleName, revision: Int64, json: JSONValue) {
        guard let cron = json["cron"]?.string, let timeZone = json["timeZone"]?.string,
            let jobType = json["jobType"]?.string, let metadata = json["metadata"],
            let missed = json["missed"]?.string.flatMap(Missed.init), let overlap = json["overlap"]?.bool,
            let source = json["source"]?.string.flatMap(Source.init),
            let doneUntil = json["doneUntil"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(
            name: name,
            plan: Plan(
                cron: cron, timeZone: timeZone, jobType: jobType, queue: json["queue"]?.string,
                metadata: JSONText(metadata), missed: missed, overlap: overlap),
            source: source, doneUntil: doneUntil, lastJobId: json["lastJobId"]?.string.flatMap(JobID.init),
            revision: revision)
    }
}
