/// A message to a webhook, as the outbox keeps it until it was taken there, and some time longer.
package struct Delivery: Hashable, Sendable {
    /// How far it is.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case pending, delivered
        /// Tried for as long as ``pauses`` say, in vain.
        case abandoned
    }

    /// How a try ended.
    package enum Outcome: Hashable, Sendable {
        case delivered(httpStatus: Int)
        /// With what the receiver asked to wait, if it did.
        case failed(problem: String, httpStatus: Int? = nil, retryAfter: Duration? = nil)
    }

    /// How it was tried to send it, and when it is tried next.
    package struct Tries: Hashable, Sendable {
        /// Since it was made, or was last asked to be sent again.
        package var count = 0
        /// When the next is due; nil when it has ended, and while it waits for one before it.
        package var nextAt: Timestamp?
        /// When the last was.
        package var lastAt: Timestamp?
        /// What the receiver answered last; nil where it gave no answer.
        package var httpStatus: Int?
        /// Why the last one failed; nil when it did not.
        package var problem: String?
    }

    /// The waits before the second and each further try: three days together.
    package static let pauses: [Duration] =
        [.seconds(5), .seconds(25), .seconds(150), .seconds(720), .seconds(2700)]
        + [.hours(1), .hours(2), .hours(4)] + Array(repeating: .hours(8), count: 8)

    /// Sent along with each try, so that a receiver can tell a second one.
    package let id: DeliveryID
    /// The name, which the configuration may have lost since.
    package let webhook: WebhookName
    /// The job that it tells of, which may have been deleted since.
    package let jobId: JobID
    /// What happened to the job.
    package let moment: Webhook.Moment
    /// When what it tells of was decided; it is stored with that.
    package let createdAt: Timestamp
    /// What is sent: a JSON text.
    package let body: String
    /// Pending until it has arrived or is given up.
    package var status = Status.pending
    /// Those until now, and when the next is due.
    package var tries = Tries()
    /// When it arrived or was given up; nil until then, and again once it is to be sent again.
    package var endedAt: Timestamp?
    /// Its place in the order of the outbox; 0 until a store has given it one.
    package var number: Int64 = 0

    /// A new one, which is due at once.
    package init(
        id: DeliveryID, webhook: WebhookName, jobId: JobID, moment: Webhook.Moment, createdAt: Timestamp, body: String
    ) {
        self.id = id
        self.webhook = webhook
        self.jobId = jobId
        self.moment = moment
        self.createdAt = createdAt
        self.body = body
        tries.nextAt = createdAt
    }

    /// Takes note of how a try ended; does nothing once it has ended.
    package mutating func note(_ outcome: Outcome, at now: Timestamp) {
        guard status == .pending else { return }
        tries.lastAt = now
        tries.count += 1
        switch outcome {
        case .delivered(let status):
            tries.httpStatus = status
            tries.problem = nil
            end(as: .delivered, at: now)
        case .failed(let problem, let status, let retryAfter):
            tries.httpStatus = status
            tries.problem = problem
            guard Self.pauses.indices.contains(tries.count - 1) else { return end(as: .abandoned, at: now) }
            let pause = Self.pauses[tries.count - 1]
            tries.nextAt = now + max(pause, min(retryAfter ?? .zero, Self.pauses.last ?? pause))
        }
    }

    /// Gives it up.
    package mutating func abandon(at now: Timestamp) {
        if status == .pending { end(as: .abandoned, at: now) }
    }

    /// Has it sent now, as if it had never been tried; under the same id, so that its receiver knows it again.
    package mutating func sendAgain(at now: Timestamp) {
        // It comes when the one before it has ended.
        if status == .pending, tries.nextAt == nil { return }
        status = .pending
        tries.count = 0
        tries.nextAt = now
        endedAt = nil
    }

    private mutating func end(as status: Status, at now: Timestamp) {
        self.status = status
        tries.nextAt = nil
        endedAt = now
    }
}
