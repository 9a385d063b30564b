import JSON
import JobModel

/// Which jobs are asked for.
extension Fields {
    mutating func query() throws(Refusal) -> JobQuery {
        var query = try filters()
        query.limit = try integer("limit", in: 1...500) ?? 50
        if let order = try string("order") {
            guard ["newest", "oldest"].contains(order) else { throw Self.wrong("order", "must be newest or oldest") }
            query.isOldestFirst = order == "oldest"
        }
        if let text = try string("cursor") {
            guard let position = JobQuery.Position(cursor: text) else {
                throw Self.wrong("cursor", "is not one that a list returned")
            }
            query.after = position
        }
        return query
    }

    /// What a list and a change of many jobs have in common.
    private mutating func filters() throws(Refusal) -> JobQuery {
        var query = JobQuery()
        for word in try string("status")?.split(separator: ",") ?? [] {
            guard let status = JobStatus(rawValue: String(word)) else {
                throw Self.wrong("status", "must hold states separated by commas")
            }
            query.statuses.insert(status)
        }
        query.queue = try text("queue")
        query.jobType = try text("jobType")
        query.text = try text("q")
        query.owner = try owner()
        query.createdSince = try moment("createdSince")
        query.createdBefore = try moment("createdBefore")
        return query
    }

    mutating func bulkChange() throws(Refusal) -> BulkChange {
        guard let action = try require("action").string.flatMap(BulkChange.Action.init) else {
            throw Self.wrong("action", "must be cancel, retry or delete")
        }
        var query = try filters()
        // What the action cannot do is not tried where nobody named states.
        if query.statuses.isEmpty { query.statuses = action.statuses }
        let limit = try integer("limit", in: BulkChange.limits) ?? BulkChange.usualLimit
        query.endedBefore = try moment("endedBefore")
        var isRehearsal = false
        if let value = value("dryRun") {
            guard let given = value.bool else { throw Self.wrong("dryRun", "must be true or false") }
            isRehearsal = given
        }
        return BulkChange(action: action, query: query, limit: limit, isRehearsal: isRehearsal)
    }

    /// In their order, each once.
    mutating func jobIds() throws(Refusal) -> [JobID]? {
        guard let value = value("jobIds") else { return nil }
        guard let elements = value.array, elements.count <= 1000 else {
            throw Self.wrong("jobIds", "must be a list of at most 1000 job ids")
        }
        var ids: [JobID] = []
        var known: Set<JobID> = []
        for (index, element) in elements.enumerated() {
            let id = try Self.jobId(element, at: "/jobIds/\(index)")
            if known.insert(id).inserted { ids.append(id) }
        }
        return ids
    }

    mutating func versions(_ key: String) throws(Refusal) -> [JobID: Int64] {
        guard let value = value(key) else { return [:] }
        guard value.isObject else { throw Self.wrong(key, "must be an object of versions by id") }
        var versions: [JobID: Int64] = [:]
        for member in value.members {
            guard let id = JobID(member.key) else { throw Self.wrong(member.key, in: key, Self.notAJobId) }
            guard let version = member.value.integer, version >= 0 else {
                throw Self.wrong(member.key, in: key, "must be a whole number that is not negative")
            }
            versions[id] = version
        }
        return versions
    }
}
