/// Which deliveries a page shows.
package struct DeliveryQuery: Hashable, Sendable {
    /// Nil: of all webhooks, of the configuration or not.
    package var webhook: WebhookName?
    /// Nil: of all jobs.
    package var jobId: JobID?
    /// Nil: in every state.
    package var status: Delivery.Status?
    /// The most of a page; at least 1.
    package var limit: Int
    /// Those with a lower number only.
    package var before: Int64?

    package init(
        webhook: WebhookName? = nil, jobId: JobID? = nil, status: Delivery.Status? = nil, limit: Int = 50,
        before: Int64? = nil
    ) {
        self.webhook = webhook
        self.jobId = jobId
        self.status = status
        self.limit = limit
        self.before = before
    }
}
