extension Job {
    /// Who runs it, and how long he may be silent.
    package struct Lease: Usual, Sendable {
        /// Nil until it starts.
        package var runner: Runner?
        /// What the worker that runs or ran it calls itself.
        package var worker: String?
        /// How long the application or the worker that runs it may be silent; nil when it did not say, and for a worker
        /// that holds it as long as its connection.
        package var seconds: Int?
        /// When the application or the worker that runs it was heard last.
        package var heardAt: Timestamp?
        /// Of the worker that holds it, or held it last: what ended its run may be said again with it.
        package var token: LeaseToken?

        package init(
            runner: Runner? = nil, worker: String? = nil, seconds: Int? = nil, heardAt: Timestamp? = nil,
            token: LeaseToken? = nil
        ) {
            self.runner = runner
            self.worker = worker
            self.seconds = seconds
            self.heardAt = heardAt
            self.token = token
        }

        /// That of a job that was never started.
        package static let usual = Lease()

        /// When it ends, unless whoever runs the job is heard before; nil for one without seconds.
        package var expiresAt: Timestamp? {
            guard let seconds, let heardAt else { return nil }
            return heardAt + .seconds(seconds)
        }
    }
}
