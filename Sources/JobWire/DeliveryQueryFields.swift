package import JobModel

/// The fields of a list of messages to webhooks.
package struct DeliveryQueryFields: Hashable, Sendable {
    /// Nil: of all webhooks.
    package var webhook: WebhookName?
    /// Nil: of all jobs.
    package var jobId: JobID?
    /// Nil: in every state.
    package var status: Delivery.Status?
    /// 1 to 500.
    package var limit = 50
    /// The number of the last one of the page before.
    package var before: Int64?
}
