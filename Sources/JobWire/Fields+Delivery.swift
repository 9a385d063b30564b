package import JSON
package import JobModel

/// Messages to webhooks, as those read them who send them or look after them.
extension Fields {
    mutating func deliveryId() throws(Refusal) -> DeliveryID {
        guard let id = try require("id").string.flatMap(DeliveryID.init) else {
            throw Self.wrong("id", "is not the id of a message to a webhook")
        }
        return id
    }

    mutating func deliveryQuery() throws(Refusal) -> DeliveryQuery {
        var query = DeliveryQuery()
        if let text = try string("webhook") {
            guard let name = WebhookName(text) else { throw Self.wrong("webhook", "is not the name of a webhook") }
            query.webhook = name
        }
        query.jobId = try value("jobId").map { (json) throws(Refusal) in try Self.jobId(json, at: "/jobId") }
        if let word = try string("status") {
            guard let status = Delivery.Status(rawValue: word) else {
                throw Self.wrong("status", "must be \"pending\", \"delivered\" or \"abandoned\"")
            }
            query.status = status
        }
        query.limit = try integer("limit", in: 1...500) ?? query.limit
        if let text = try string("cursor") {
            guard let number = Int64(text), number > 0 else {
                throw Self.wrong("cursor", "is not a cursor of this list")
            }
            query.before = number
        }
        return query
    }

    /// `delivered`, with the `httpStatus` and the `problem` if they are known.
    mutating func outcome() throws(Refusal) -> Delivery.Outcome {
        let httpStatus = try integer("httpStatus", in: 100...599)
        let problem = try text("problem")
        let pause = try number("retryAfterSeconds", in: 0...315_360_000)
        guard let isDelivered = try boolean("delivered") else { throw Self.wrong("delivered", "is missing") }
        if isDelivered { return .delivered(httpStatus: httpStatus ?? 200) }
        return .failed(
            problem: problem ?? "It did not arrive.", httpStatus: httpStatus,
            retryAfter: pause.map { .milliseconds(Int64($0 * 1000)) })
    }
}

extension Delivery {
    /// As those see it who look after it.
    package var json: JSONValue {
        [
            "id": .string(id.description), "webhook": .string(webhook.description),
            "jobId": .string(jobId.description), "type": .string(moment.type), "status": .string(status.rawValue),
            "attempts": JSONValue(tries.count), "createdAt": JSONValue(createdAt),
            "nextAttemptAt": JSONValue(tries.nextAt),
            "lastAttemptAt": JSONValue(tries.lastAt), "endedAt": JSONValue(endedAt),
            "httpStatus": tries.httpStatus.map { JSONValue($0) } ?? .null,
            "problem": tries.problem.map { .string($0) } ?? .null,
        ]
    }

    /// A message that tells of a change, as it is sent.
    package static func body(_ moment: Webhook.Moment, of job: Job, at now: Timestamp) -> String {
        var bytes = Array(#"{"type":"\#(moment.type)","timestamp":"\#(now)","data":"#.utf8)
        job.encode(into: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
