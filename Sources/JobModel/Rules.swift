/// What decisions depend on besides the jobs: the part of the configuration that the map knows.
package struct Rules: Hashable, Sendable {
    /// How the slots of a queue are shared.
    package struct Sharing: Hashable, Sendable {
        /// Between whom slots are shared in turn.
        package enum Fairness: String, Hashable, Sendable, CaseIterable {
            case owner, key, none
        }

        /// Between whom, among jobs of one priority.
        package var fair: Fairness
        /// The most jobs with one limit key that run; nil: as many as the queue has slots.
        package var perKey: Int?

        package init(fair: Fairness = .owner, perKey: Int? = nil) {
            self.fair = fair
            self.perKey = perKey
        }
    }

    /// Slots of each queue, at least 1; `default` is always there.
    package var widths: [String: Int]
    /// By queue, where it is not the usual.
    package var sharing: [String: Sharing]
    /// By job type.
    package var pipelines: [String: Pipeline]
    /// By name; what a job names and is not here is told to nobody.
    package var webhooks: [WebhookName: Webhook]
    /// Those of the configuration; others are made by operators, and known to the map alone.
    package var schedules: [ScheduleName: Schedule.Plan]
    /// The crash that ends a job as `lost`.
    package var crashLimit: Int
    /// How long what has ended, or is not used, stays.
    package var retention: Retention
    /// How long an application that runs a job without a lease may be silent.
    package var applicationSilence: Duration
    /// How long a worker that holds jobs by its connection may take to come back after a start of the daemon.
    package var reconnect: Duration
    /// How much one account, and all together, may have at a time.
    package var quotas: Quotas

    /// Adds the queue `default`, of two slots, where `widths` does not have it.
    package init(
        widths: [String: Int] = ["default": 2], pipelines: [String: Pipeline] = [:], crashLimit: Int = 3,
        retention: Retention = Retention(), applicationSilence: Duration = .days(7),
        reconnect: Duration = .seconds(10), sharing: [String: Sharing] = [:], quotas: Quotas = Quotas(),
        webhooks: [WebhookName: Webhook] = [:], schedules: [ScheduleName: Schedule.Plan] = [:]
    ) {
        self.widths = widths.merging(["default": 2]) { given, _ in given }
        self.pipelines = pipelines
        self.crashLimit = crashLimit
        self.retention = retention
        self.applicationSilence = applicationSilence
        self.reconnect = reconnect
        self.sharing = sharing
        self.quotas = quotas
        self.webhooks = webhooks
        self.schedules = schedules
    }

    /// Who runs jobs of a type; those that have no pipeline any more come to an end here.
    func work(of jobType: String) -> Pipeline.Work { pipelines[jobType]?.work ?? .jobd }
}
