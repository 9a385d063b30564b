import JSON
import JobModel

/// The parameters of those who work elsewhere.
extension Fields {
    mutating func lease() throws(Refusal) -> LeaseProof {
        let id = try jobId()
        guard let token = try require("token").string else { throw Self.wrong("token", "must be a string") }
        return LeaseProof(jobId: id, token: LeaseToken(token))
    }

    mutating func leases() throws(Refusal) -> [LeaseProof] {
        guard let elements = try require("leases").array, elements.count <= Limits.renewedLeases else {
            throw Self.wrong("leases", "must be a list of at most \(Limits.renewedLeases) objects of jobId and token")
        }
        var leases: [LeaseProof] = []
        for (index, element) in elements.enumerated() {
            leases.append(
                try Self.object(at: "/leases/\(index)", element) { (fields) throws(Refusal) in try fields.lease() })
        }
        return leases
    }

    mutating func offer() throws(Refusal) -> Offer {
        guard let queues = try names("queues"), !queues.isEmpty else {
            throw Self.wrong("queues", "must name a queue")
        }
        let jobTypes = try names("jobTypes")
        guard jobTypes?.isEmpty != true else { throw Self.wrong("jobTypes", "must name a type, or be left out") }
        var generator = SystemRandomNumberGenerator()
        return Offer(
            id: OfferID(using: &generator), queues: queues, jobTypes: jobTypes,
            count: try integer("count", in: Limits.offeredJobs) ?? 1, worker: try text("worker"),
            leaseSeconds: try integer("leaseSeconds", in: Limits.workerLeaseSeconds))
    }

    private mutating func names(_ key: String) throws(Refusal) -> [String]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.array, elements.count <= Limits.offeredNames else {
            throw Self.wrong(key, "must be a list of at most \(Limits.offeredNames) names")
        }
        var names: [String] = []
        for (index, element) in elements.enumerated() {
            guard let name = element.string, (1...Limits.jobTypeBytes).contains(name.utf8.count) else {
                throw Self.wrong("\(index)", in: key, "must be a name of 1 to \(Limits.jobTypeBytes) bytes")
            }
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    mutating func failure() throws(Refusal) -> LeaseWord {
        let json = try require("error")
        let failure = try Self.object(at: "/error", json) { (fields) throws(Refusal) in try fields.jobFailure() }
        let mayRetry = try boolean("mayRetry") ?? true
        let delay = try number("retryAfterSeconds", in: 0...315_360_000)
        return .fail(failure, mayRetry: mayRetry, retryAfter: delay.map { .milliseconds(Int64($0 * 1000)) })
    }
}
