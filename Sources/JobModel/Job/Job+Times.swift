extension Job {
    /// When what happened to it, or may.
    package struct Times: Hashable, Sendable {
        /// When it was decided to make it.
        package let createdAt: Timestamp
        /// When ``Job/version`` rose last.
        package var updatedAt: Timestamp
        /// Not to be started before this.
        package var runAt: Timestamp?
        /// When it began to wait for a slot last.
        package var queuedAt: Timestamp?
        /// When the present or last run began; nil before the first one, and again after a retry until it runs.
        package var startedAt: Timestamp?
        /// When it was retried last.
        package var retriedAt: Timestamp?
        /// When a cancel was asked for; kept afterwards.
        package var cancelRequestedAt: Timestamp?
        /// When it got its final state; nil until then, and again after a retry.
        package var finishedAt: Timestamp?

        /// As it is with its making, where nothing else is said.
        package init(
            createdAt: Timestamp, updatedAt: Timestamp? = nil, runAt: Timestamp? = nil, queuedAt: Timestamp? = nil,
            startedAt: Timestamp? = nil, retriedAt: Timestamp? = nil, cancelRequestedAt: Timestamp? = nil,
            finishedAt: Timestamp? = nil
        ) {
            self.createdAt = createdAt
            self.updatedAt = updatedAt ?? createdAt
            self.runAt = runAt
            self.queuedAt = queuedAt
            self.startedAt = startedAt
            self.retriedAt = retriedAt
            self.cancelRequestedAt = cancelRequestedAt
            self.finishedAt = finishedAt
        }
    }
}
