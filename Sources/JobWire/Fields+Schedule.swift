package import JSON
package import JobModel

/// Schedules as clients write them.
extension Fields {
    mutating func scheduleName() throws(Refusal) -> ScheduleName {
        guard let name = try require("name").string.flatMap(ScheduleName.init) else {
            throw Self.wrong("name", "must be 1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit")
        }
        return name
    }

    mutating func plan() throws(Refusal) -> Schedule.Plan {
        guard let cron = try text("cron", limit: 256) else { throw Self.wrong("cron", "is missing") }
        guard let jobType = try text("jobType", limit: Limits.jobTypeBytes), !jobType.isEmpty else {
            throw Self.wrong("jobType", "is missing")
        }
        var plan = Schedule.Plan(cron: cron, jobType: jobType)
        plan.timeZone = try text("timeZone", limit: 64) ?? plan.timeZone
        plan.queue = try text("queue")
        plan.metadata = try object("metadata", limit: Limits.metadataBytes) ?? plan.metadata
        if let word = try string("missed") {
            guard let missed = Schedule.Missed(rawValue: word) else {
                throw Self.wrong("missed", "must be \"once\", \"skip\" or \"all\"")
            }
            plan.missed = missed
        }
        if let value = value("overlap") {
            guard let overlap = value.bool else { throw Self.wrong("overlap", "must be true or false") }
            plan.overlap = overlap
        }
        return plan
    }
}

extension Schedule {
    /// As clients see it: with the queue that its jobs come into, and the moments at which it comes true next.
    package func json(queue: String, next: [Timestamp]) -> JSONValue {
        [
            "name": .string(name.description), "cron": .string(plan.cron), "timeZone": .string(plan.timeZone),
            "jobType": .string(plan.jobType), "queue": .string(queue), "metadata": plan.metadata.value,
            "missed": .string(plan.missed.rawValue), "overlap": .bool(plan.overlap),
            "source": .string(source.rawValue), "next": .array(next.map { JSONValue($0) }),
            "lastJobId": lastJobId.map { .string($0.description) } ?? .null,
        ]
    }
}
