/// An address that is told of jobs, and of what: a part of the configuration.
package struct Webhook: Hashable, Sendable {
    /// What can be told of a job.
    package enum Moment: String, Hashable, Sendable, CaseIterable {
        /// A run has begun; each one is told.
        case started
        case completed, failed, cancelled

        /// The `type` of the message: `job.completed`.
        package var type: String { "job.\(rawValue)" }

        /// What a change is; nil for one that nobody is told of.
        package init?(_ event: JobEvent) {
            guard let status = event.after.status, status != event.before?.status else { return nil }
            switch status {
            case .processing: self = .started
            case .completed: self = .completed
            case .failed: self = .failed
            case .cancelled: self = .cancelled
            case .pending, .blocked, .scheduled, .queued: return nil
            }
        }
    }

    /// Those of a webhook that does not say: a job's ends.
    package static let usualMoments: Set<Moment> = [.completed, .failed, .cancelled]

    /// Where messages are sent to; a change counts for those that are waiting, too.
    package var address: WebhookAddress
    /// Where the keys are that messages are signed with.
    package var secretFile: String
    /// What of its jobs it is told.
    package var moments: Set<Moment>
    /// The types whose jobs it is told of, beside those that name it.
    package var jobTypes: Set<String>
    /// Whether it may be in this machine, or in a private network.
    package var allowPrivate: Bool

    package init(
        address: WebhookAddress, secretFile: String, moments: Set<Moment> = Self.usualMoments,
        jobTypes: Set<String> = [], allowPrivate: Bool = false
    ) {
        self.address = address
        self.secretFile = secretFile
        self.moments = moments
        self.jobTypes = jobTypes
        self.allowPrivate = allowPrivate
    }
}

extension Rules {
    /// The webhooks that are told of a change, in the order of their names.
    package func webhooks(toldOf event: JobEvent) -> [WebhookName] {
        guard !webhooks.isEmpty, let job = event.after.job, let moment = Webhook.Moment(event) else { return [] }
        return webhooks.filter { name, webhook in
            webhook.moments.contains(moment)
                && (job.asked.terms.webhook == name || webhook.jobTypes.contains(job.asked.jobType))
        }
        .keys.sorted()
    }
}
