import JobModel
import JobWire

extension Event {
    /// The same with what webhooks are to be told of it, which is stored with it.
    func announced(by rules: Rules, at now: Timestamp) -> Event {
        guard case .job(var change) = self, let job = change.after.job,
            let moment = Webhook.Moment(change)
        else { return self }
        let names = rules.webhooks(toldOf: change)
        guard !names.isEmpty else { return self }
        let body = Delivery.body(moment, of: job, at: now)
        var generator = SystemRandomNumberGenerator()
        change.deliveries = names.map { name in
            Delivery(
                id: .make(at: now, using: &generator), webhook: name, jobId: job.jobId, moment: moment,
                createdAt: now, body: body)
        }
        return .job(change)
    }
}
